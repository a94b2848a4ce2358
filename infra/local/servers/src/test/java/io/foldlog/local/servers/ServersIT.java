package io.foldlog.local.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.foldlog.runtime.PrivateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker with TLS and logins, and servers that end or do not start. {@link CassandraNodeIT} tests
 * a node. ProducerIT and UserViewWriterIT test that a killed server continues with the data in its
 * folder.
 */
class ServersIT {

  @TempDir Path folder;

  @Test
  void shouldAcceptOnlyClientsWithTlsAndLogin() throws Exception {
    Certificates certificates = new Certificates(folder.resolve("certificates"));
    certificates.make(List.of("127.0.0.1"));
    Map<String, Path> passwords =
        Map.of(KafkaSecurity.BROKER, password("broker"), "pipeline", password("pipeline"));
    KafkaSecurity security = new KafkaSecurity(certificates, passwords);
    Path wrongPassword = password("wrong");
    KafkaSpecification specification =
        KafkaSpecification.onFreePorts(folder.resolve("kafka")).with(security);
    try (KafkaNode kafka = new KafkaNode(specification)) {
      kafka.start();
      String clientProperties =
          security.writeClientProperties(folder.resolve("clientProperties"), "pipeline").toString();
      topics(
          kafka,
          "--command-config",
          clientProperties,
          "--create",
          "--topic",
          "kept",
          "--partitions",
          "1");
      assertThat(topics(kafka, "--command-config", clientProperties, "--list")).contains("kept");

      String wrong =
          new KafkaSecurity(
                  certificates,
                  Map.of(KafkaSecurity.BROKER, wrongPassword, "pipeline", wrongPassword))
              .writeClientProperties(folder.resolve("wrong"), "pipeline")
              .toString();
      assertThatThrownBy(() -> topics(kafka, "--command-config", wrong, "--list"))
          .hasMessageContaining("SaslAuthenticationException");
      Path plain =
          Files.writeString(
              folder.resolve("plain"), "request.timeout.ms=5000\ndefault.api.timeout.ms=5000");
      assertThatThrownBy(() -> topics(kafka, "--command-config", plain.toString(), "--list"))
          .hasMessageContaining("TimeoutException");
      assertThat(kafka.logText()).doesNotContain(Files.readString(passwords.get("pipeline")));

      kafka.stop();
      assertThat(kafka.isRunning()).isFalse();
      assertProcessEnded(kafka.pid());
      Map<Path, String> storage = storageFiles(specification);
      specification.prepare();
      assertThat(storageFiles(specification))
          .as("the storage is formatted once")
          .isEqualTo(storage);
    }
  }

  /** Modification time of each file of the broker. */
  private static Map<Path, String> storageFiles(KafkaSpecification specification)
      throws IOException {
    try (Stream<Path> files = Files.walk(specification.folder().resolve("data"))) {
      return files
          .filter(Files::isRegularFile)
          .collect(
              Collectors.toMap(
                  file -> file,
                  file -> {
                    try {
                      return Files.getLastModifiedTime(file).toString();
                    } catch (IOException failure) {
                      throw new UncheckedIOException(failure);
                    }
                  }));
    }
  }

  private Path password(String name) throws IOException {
    Path file = folder.resolve(name + ".password");
    PrivateFile.generate(file);
    return file;
  }

  @Test
  void shouldEndServerWhenItsParentJvmIsKilled() throws Exception {
    Path pidFile = folder.resolve("pid");
    Process parent =
        new ProcessBuilder(
                JavaCommand.launcher(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                folder.toString(),
                pidFile.toString())
            .inheritIO()
            .start();
    try {
      await().atMost(Duration.ofMinutes(2)).until(() -> Files.exists(pidFile));
      long server = Long.parseLong(Files.readString(pidFile));
      assertThat(ProcessHandle.of(server)).isPresent();
      parent.destroyForcibly().waitFor();
      await().atMost(Duration.ofSeconds(10)).until(() -> hasEnded(server));
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void shouldReportWhyServerDidNotStart() throws Exception {
    CassandraSpecification specification = CassandraSpecification.onFreePorts(folder);
    CassandraSpecification noMemory =
        new CassandraSpecification(
            folder, specification.port(), specification.storagePort(), 999_999_999);
    try (CassandraNode cassandra = new CassandraNode(noMemory)) {
      assertThatThrownBy(cassandra::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Cassandra ended with 1")
          .hasMessageContaining("heap");
    }
  }

  /** A server that does nothing. */
  private static final class IdleServer extends ServerProcess {

    private static final String READY = "idle";
    private final Path argumentFile;

    IdleServer(Path folder) {
      super("An idle server", folder);
      this.argumentFile = folder.resolve("idle.args");
    }

    @Override
    Launch launch() throws IOException {
      Files.write(
          argumentFile,
          List.of("-cp", System.getProperty("java.class.path"), IdleServer.class.getName()));
      return new Launch(List.of(), argumentFile, List.of(READY));
    }

    public static void main(String[] arguments) throws InterruptedException {
      System.out.println(READY);
      Thread.currentThread().join();
    }
  }

  /** Starts a server and waits until the test kills this JVM. */
  static final class Parent {

    private Parent() {}

    public static void main(String[] arguments) throws Exception {
      IdleServer server = new IdleServer(Path.of(arguments[0]));
      server.start();
      Path written = Path.of(arguments[1] + ".written");
      Files.writeString(written, Long.toString(server.pid()));
      Files.move(written, Path.of(arguments[1]));
      Thread.currentThread().join();
    }
  }

  private static void assertProcessEnded(long pid) {
    await().atMost(Duration.ofSeconds(10)).until(() -> hasEnded(pid));
  }

  private static boolean hasEnded(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty();
  }

  private String topics(KafkaNode kafka, String... arguments) throws IOException {
    Path argumentFile = folder.resolve("topics.args");
    List<String> lines =
        new ArrayList<>(
            List.of(
                "-cp",
                ServerClassPath.of("kafka").toString(),
                "org.apache.kafka.tools.TopicCommand",
                "--bootstrap-server",
                kafka.bootstrapServers()));
    lines.addAll(List.of(arguments));
    Files.write(argumentFile, lines);
    Path output = folder.resolve("topics.log");
    JavaCommand.run(argumentFile, output);
    return Files.readString(output);
  }
}
