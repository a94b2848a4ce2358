package io.foldlog.local.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentFileTest {

  @TempDir Path folder;

  @Test
  void shouldQuoteArgumentsAndOmitComments() throws Exception {
    Path file =
        ArgumentFile.write(
            folder.resolve("java.args"),
            new Template("kafka-jvm.options"),
            Map.of("heap", 64, "temporary", "/a folder/tmp", "logging", "log\"4j"),
            new ServerClassPath(List.of(Path.of("/jars/one.jar"), Path.of("/jars/two.jar"))),
            List.of("Main", "back\\slash"));

    assertThat(Files.readAllLines(file))
        .contains(
            "\"-Xmx64m\"",
            "\"-Djava.io.tmpdir=/a folder/tmp\"",
            "\"-Dlog4j2.configurationFile=log\\\"4j\"",
            "\"/jars/one.jar:/jars/two.jar\"",
            "\"Main\"",
            "\"back\\\\slash\"")
        .noneMatch(line -> line.contains("#"));
  }

  @Test
  void shouldRejectTemplateWithoutValue() {
    assertThatThrownBy(() -> new Template("server.properties").render(Map.of("port", 1)))
        .hasMessageContaining("server.properties asks for ${");
  }

  @Test
  void shouldFindJarOfArtifactInAnyVersion() {
    ServerClassPath classPath =
        new ServerClassPath(
            List.of(Path.of("/m2/jamm-extras-1.jar"), Path.of("/m2/jamm-0.4.0.jar")));

    assertThat(classPath.jar("jamm")).isEqualTo(Path.of("/m2/jamm-0.4.0.jar"));
  }
}
