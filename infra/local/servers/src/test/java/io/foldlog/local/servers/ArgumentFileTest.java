package io.foldlog.local.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
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
  void shouldKeepPathsInPropertiesAndYaml() throws Exception {
    Path path = Path.of("/a b%20/\u00e9\u65e5\"\\x");
    String properties =
        new Template("s3.properties")
            .render(Map.of("port", 1, "access-key", "a", "secret-key", "b", "data", path));
    Properties read = new Properties();
    read.load(new ByteArrayInputStream(properties.getBytes(StandardCharsets.UTF_8)));
    assertThat(read.getProperty("jclouds.filesystem.basedir")).isEqualTo(path.toString());

    Map<String, Object> stores =
        Map.of(
            "key-store",
            path,
            "key-store-password",
            "a",
            "trust-store",
            path,
            "trust-store-password",
            "b");
    assertThat(new Template("cassandra-tls.yaml").render(stores))
        .contains("keystore: \"/a b%20/\u00e9\u65e5\\\"\\\\x\"");
  }

  @Test
  void shouldFindJarOfArtifactInAnyVersion() {
    ServerClassPath classPath =
        new ServerClassPath(
            List.of(Path.of("/m2/jamm-extras-1.jar"), Path.of("/m2/jamm-0.4.0.jar")));

    assertThat(classPath.jar("jamm")).isEqualTo(Path.of("/m2/jamm-0.4.0.jar"));
  }
}
