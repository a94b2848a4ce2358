package io.foldlog.testing.scenarios;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.foldlog.runtime.Application;
import io.foldlog.testing.kit.TestServers;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks the module directions in docs/architecture.md, "Modules and their direction". */
class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.foldlog");

  @Test
  void shouldHaveNoPackageCycles() {
    assertThat(CLASSES.size()).isGreaterThan(200);
    slices().matching("io.foldlog.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** Sets the locale, on which the texts of libraries depend. */
  @Test
  void shouldStartEveryProcessByApplication() {
    methods()
        .that()
        .haveName("main")
        .and()
        .areStatic()
        .and()
        // in Maven's process, whose locale .mvn/jvm.config sets
        .areNotDeclaredIn(TestServers.class)
        .and()
        .areNotDeclaredIn(Application.class)
        .should(CALL_APPLICATION)
        .check(CLASSES);
  }

  private static final ArchCondition<JavaMethod> CALL_APPLICATION =
      new ArchCondition<>("call Application.main") {
        @Override
        public void check(JavaMethod method, ConditionEvents events) {
          boolean calls =
              method.getMethodCallsFromSelf().stream()
                  .anyMatch(call -> call.getTargetOwner().isEquivalentTo(Application.class));
          events.add(new SimpleConditionEvent(method, calls, method.getFullName()));
        }
      };

  @ParameterizedTest
  @CsvSource({
    "contract, ''",
    "runtime, contract",
    "log, contract runtime",
    "view, contract runtime",
    "lake, contract runtime",
    "producer, contract runtime log",
    "speed, contract runtime log view",
    "batch, contract runtime log view lake",
    "admin, contract runtime log view lake",
    "local.servers, runtime",
    "local.stack, contract runtime log view admin local.servers",
  })
  void shouldDependOnlyOnModulesBelow(String module, String modulesBelow) {
    String[] allowed =
        Stream.concat(Stream.of(module), Arrays.stream(modulesBelow.split(" ")))
            .filter(name -> !name.isEmpty())
            .map(name -> "io.foldlog." + name + "..")
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAPackage("io.foldlog." + module + "..")
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage("io.foldlog..")).or(resideInAnyPackage(allowed)))
        .check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({
    "contract, org.apache.spark.. org.apache.kafka.. com.datastax.. io.delta..",
    "runtime, org.apache.spark.. org.apache.kafka.. com.datastax.. io.delta..",
    "log, org.apache.spark.. com.datastax.. io.delta..",
    "view, org.apache.spark.. org.apache.kafka.. io.delta..",
    "lake, org.apache.spark.. org.apache.kafka.. com.datastax.. io.delta..",
    "producer, org.apache.spark.. com.datastax.. io.delta..",
    "admin, org.apache.spark.. io.delta..",
  })
  void shouldNotDependOnEnginesOfOtherModules(String module, String engines) {
    noClasses()
        .that()
        .resideInAPackage("io.foldlog." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(engines.split(" "))
        .check(CLASSES);
  }
}
