package io.foldlog.local.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Versions of the Python requirements equal those of the parent pom, and their locks are complete.
 */
class RequirementsTest {
  private static final Path ROOT = Path.of("../../..");
  private static final Path REQUIREMENTS = ROOT.resolve("infra/local/requirements");
  private static final Path DAG_REQUIREMENTS = ROOT.resolve("dags/requirements.in");

  @Test
  void shouldRequireSparkVersionOfTheBuild() throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    Matcher spark = Pattern.compile("<spark.version>(.+)</spark.version>").matcher(pom);
    assertThat(spark.find()).isTrue();
    assertThat(Files.readString(REQUIREMENTS.resolve("spark.in")))
        .contains("pyspark==" + spark.group(1));
  }

  @Test
  void shouldLockAllRequirementsWithHashes() throws IOException {
    for (Path requirements : requirements()) {
      Path lock = Path.of(requirements.toString().replaceAll("\\.in$", ".lock"));
      String locked = Files.readString(lock);
      for (String line : Files.readAllLines(requirements)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          assertThat(locked).as(lock.toString()).contains(line.strip() + " \\\n    --hash=sha256:");
        }
      }
      for (String requirement : locked.split("\\n(?=[a-z])")) {
        if (!requirement.startsWith("#")) {
          assertThat(requirement).as(lock.toString()).contains("--hash=sha256:");
        }
      }
    }
  }

  @Test
  void shouldRequireSameSupervisorVersionForDagsAndLauncher() throws IOException {
    String supervisor =
        Files.readAllLines(REQUIREMENTS.resolve("supervisor.in")).stream()
            .filter(line -> line.startsWith("supervisor=="))
            .findAny()
            .orElseThrow();
    assertThat(Files.readAllLines(DAG_REQUIREMENTS)).contains(supervisor);
  }

  private static List<Path> requirements() throws IOException {
    try (Stream<Path> all = Files.list(REQUIREMENTS)) {
      List<Path> files = all.filter(file -> file.toString().endsWith(".in")).toList();
      assertThat(files).isNotEmpty();
      return Stream.concat(files.stream(), Stream.of(DAG_REQUIREMENTS)).toList();
    }
  }
}
