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

/** The Python requirements name the versions of the parent pom's table, and have whole locks. */
class RequirementsTest {
  private static final Path ROOT = Path.of("../../..");
  private static final Path REQUIREMENTS = ROOT.resolve("infra/local/requirements");
  private static final Path AIRFLOW = ROOT.resolve("dags/requirements.in");

  @Test
  void shouldInstallTheSparkThatTheApplicationsAreBuiltFor() throws IOException {
    String pom = Files.readString(ROOT.resolve("pom.xml"));
    Matcher spark = Pattern.compile("<spark.version>(.+)</spark.version>").matcher(pom);
    assertThat(spark.find()).isTrue();
    assertThat(Files.readString(REQUIREMENTS.resolve("spark.in")))
        .contains("pyspark==" + spark.group(1));
  }

  @Test
  void shouldLockWhatIsRequiredWithHashes() throws IOException {
    for (Path required : required()) {
      Path lock = Path.of(required.toString().replaceAll("\\.in$", ".lock"));
      String locked = Files.readString(lock);
      for (String line : Files.readAllLines(required)) {
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
  void shouldGiveTheDagsTheSupervisorThatRuns() throws IOException {
    String supervisor =
        Files.readAllLines(REQUIREMENTS.resolve("supervisor.in")).stream()
            .filter(line -> line.startsWith("supervisor=="))
            .findAny()
            .orElseThrow();
    assertThat(Files.readAllLines(AIRFLOW)).contains(supervisor);
  }

  private static List<Path> required() throws IOException {
    try (Stream<Path> all = Files.list(REQUIREMENTS)) {
      List<Path> found = all.filter(file -> file.toString().endsWith(".in")).toList();
      assertThat(found).isNotEmpty();
      return Stream.concat(found.stream(), Stream.of(AIRFLOW)).toList();
    }
  }
}
