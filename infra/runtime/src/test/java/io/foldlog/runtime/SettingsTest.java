package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path folder;

  @Test
  void shouldMapTheManualsDefaults() {
    KafkaSettings kafka = KafkaSettings.from(Settings.of(""));
    assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:9092");
    assertThat(kafka.topic()).isEqualTo("users_created");
    assertThat(kafka.deadLetterTopic()).isEqualTo("users_created.dead-letter");
    assertThat(kafka.partitions()).isEqualTo(2);
    assertThat(kafka.maxMessageBytes()).isEqualTo(1024 * 1024);
    assertThat(kafka.clientProperties()).containsOnlyKeys("bootstrap.servers");

    CassandraSettings cassandra = CassandraSettings.from(Settings.of(""));
    assertThat(cassandra.contactPoints()).containsExactly("127.0.0.1");
    assertThat(cassandra.port()).isEqualTo(9042);
    assertThat(cassandra.replication()).isEqualTo(Map.of("datacenter1", 1));
    assertThat(cassandra.writer().user()).isEqualTo("pipeline_writer");
    assertThat(cassandra.writer().password().file())
        .isEqualTo(Path.of("var/state/secrets/pipeline-writer.password"));
    assertThat(Settings.of("").waitLimit()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void shouldFollowASettingThatOthersReferTo() {
    Settings settings = Settings.of("stack { root = /elsewhere, kafka.port = 19092 }");
    assertThat(KafkaSettings.from(settings).bootstrapServers()).isEqualTo("127.0.0.1:19092");
    assertThat(CassandraSettings.from(settings).reader().password().file())
        .isEqualTo(Path.of("/elsewhere/state/secrets/pipeline-reader.password"));
  }

  @Test
  void shouldPutTheEnvironmentOverTheFileOverTheManual() throws IOException {
    Path file = write("kafka { topic = from_file, partitions = 3 }");
    Settings settings =
        Settings.load(
            Optional.of(file),
            Map.of(
                "FOLDLOG_KAFKA_TOPIC", "from_environment",
                "FOLDLOG_CASSANDRA_CONTACT_POINTS", "one, two",
                "PATH", "/bin"));
    assertThat(KafkaSettings.from(settings).topic()).isEqualTo("from_environment");
    assertThat(KafkaSettings.from(settings).partitions()).isEqualTo(3);
    assertThat(CassandraSettings.from(settings).contactPoints()).containsExactly("one", "two");
  }

  @Test
  void shouldTakeTheFileFromTheEnvironment() throws IOException {
    Path file = write("kafka.topic = from_file");
    Settings settings =
        Settings.load(Optional.empty(), Map.of("FOLDLOG_SETTINGS", file.toString()));
    assertThat(KafkaSettings.from(settings).topic()).isEqualTo("from_file");
  }

  @Test
  void shouldRefuseAnUnknownKeyWithPlaceAndNearest() throws IOException {
    Path file = write("kafka {\n  topic = a\n  boostrap-servers = \"b:1\"\n}\n");
    assertRefused(() -> Settings.load(Optional.of(file), Map.of()))
        .withMessage(
            file
                + ", line 3: the setting kafka.boostrap-servers is not known; did you mean"
                + " kafka.bootstrap-servers?");
  }

  @Test
  void shouldRefuseAnUnknownSection() {
    assertRefused(() -> Settings.of("zookeeper { nodes = 3 }"))
        .withMessageContaining("the setting zookeeper is not known.");
  }

  @Test
  void shouldRefuseASectionWhereASettingIsMeantAndTheOtherWayRound() {
    assertRefused(() -> Settings.of("kafka.partitions.name = a"))
        .withMessageContaining("kafka.partitions is a setting, not a section.");
    assertRefused(() -> Settings.of("wait = 3s"))
        .withMessageContaining("wait is a section, not a setting.");
  }

  @Test
  void shouldRefuseAnUnknownVariable() {
    assertRefused(
            () -> Settings.load(Optional.empty(), Map.of("FOLDLOG_KAFKA_BOOTSTRAP_SERVER", "x")))
        .withMessage(
            "The environment variable FOLDLOG_KAFKA_BOOTSTRAP_SERVER overrides no setting that is"
                + " known; did you mean FOLDLOG_KAFKA_BOOTSTRAP_SERVERS?");
  }

  @Test
  void shouldRefuseAFileThatIsMissingOrNotHocon() throws IOException {
    assertRefused(() -> Settings.load(Optional.of(folder.resolve("none.conf")), Map.of()))
        .withMessage("The settings file %s does not exist.", folder.resolve("none.conf"));
    Path file = write("kafka {\n topic = \"a\n}");
    assertRefused(() -> Settings.load(Optional.of(file), Map.of()))
        .withMessageContaining(file.getFileName() + ": 2");
  }

  @Test
  void shouldGiveEveryKeyAVariableOfItsOwn() {
    Config manual = ConfigFactory.parseResources("foldlog.conf").resolve();
    assertThat(Settings.environmentNames(manual)).hasSameSizeAs(manual.entrySet());
    Config twins = ConfigFactory.parseString("a-b.c = 1, a.b-c = 2");
    assertThatThrownBy(() -> Settings.environmentNames(twins))
        .hasMessageContaining("FOLDLOG_A_B_C is the variable of both");
  }

  @Test
  void shouldNameSettingValueAndRuleInEveryRefusal() {
    Settings.Section section =
        Settings.of(
                "kafka { partitions = many, topic = \"\", trust-create-time = 7,"
                    + " max-message-bytes = large }, wait.limit = soon, stack.kafka.port = -1")
            .section("kafka");
    assertRefused(() -> section.integer("partitions", 1, 9))
        .withMessageContaining("the setting kafka.partitions is \"many\"; it must be a whole")
        .withMessageContaining("from 1 to 9");
    assertRefused(() -> section.text("topic"))
        .withMessageContaining("the setting kafka.topic is \"\"; it must not be empty.");
    assertRefused(() -> section.flag("trust-create-time")).withMessageContaining("true or false");
    assertRefused(() -> section.bytes("max-message-bytes")).withMessageContaining("512 KiB");
    assertRefused(() -> section.choice("partitions", Thread.State.class))
        .withMessageContaining("must be one of new, runnable, blocked, waiting, timed-waiting,");
    Settings other = Settings.of("wait.limit = soon, stack.kafka.port = -1");
    assertRefused(other::waitLimit).withMessageContaining("a time span such as");
    assertRefused(() -> other.section("stack.kafka").integer("port", 1, 65_535))
        .withMessageContaining("stack.kafka.port is -1; it must be a whole number from 1 to 65535");
  }

  @Test
  void shouldReadEveryType() {
    Settings settings =
        Settings.of(
            "wait.limit = 1500ms, kafka { topic = timed-waiting, max-message-bytes = 2 MiB }");
    assertThat(settings.waitLimit()).isEqualTo(Duration.ofMillis(1500));
    Settings.Section kafka = settings.section("kafka");
    assertThat(kafka.bytes("max-message-bytes")).isEqualTo(2L * 1024 * 1024);
    assertThat(kafka.choice("topic", Thread.State.class)).isEqualTo(Thread.State.TIMED_WAITING);
    assertThat(kafka.optionalPath("properties-file")).isEmpty();
    assertThat(kafka.decimal("partitions", 0, 10)).isEqualTo(2.0);
    assertThat(settings.section("stack").map("speed-layer")).containsEntry("cores", "2");
  }

  @Test
  void shouldRefuseSettingsThatCannotBeMapped() {
    assertRefused(() -> KafkaSettings.from(Settings.of("kafka.dead-letter-topic = users_created")))
        .withMessageContaining("must not be the log itself");
    assertRefused(() -> KafkaSettings.from(Settings.of("kafka.topic = \"a b\"")))
        .withMessageContaining("must be a topic name");
    assertRefused(
            () -> CassandraSettings.from(Settings.of("cassandra.replication = [\"dc1:none\"]")))
        .withMessageContaining("as datacenter1:3");
    assertRefused(() -> CassandraSettings.from(Settings.of("cassandra.keyspace = \"Spark;\"")))
        .withMessageContaining("cassandra.keyspace");
  }

  @Test
  void shouldReadClientPropertiesButKeepTheAddresses() throws IOException {
    Path file = folder.resolve("client.properties");
    Files.writeString(file, "security.protocol=SSL\nbootstrap.servers=other:1\n");
    Settings settings = Settings.of("kafka.properties-file = \"" + file + "\"");
    assertThat(KafkaSettings.from(settings).clientProperties())
        .containsEntry("security.protocol", "SSL")
        .containsEntry("bootstrap.servers", "127.0.0.1:9092");
    Settings missing = Settings.of("kafka.properties-file = \"" + file + ".none\"");
    assertRefused(() -> KafkaSettings.from(missing).clientProperties())
        .withMessageContaining("kafka.properties-file cannot be read");
  }

  @Test
  void shouldReadASecretThatOnlyItsOwnerMayRead() throws IOException {
    Path file = folder.resolve("password");
    Secret secret = new Secret("cassandra.writer.password-file", file);
    assertRefused(secret::read)
        .withMessageContaining("setting cassandra.writer.password-file does not exist");

    Files.writeString(file, "hidden\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertRefused(secret::read).withMessageContaining("chmod 600 " + file);

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(secret.read()).isEqualTo("hidden");
    assertThat(secret.toString()).doesNotContain("hidden");

    Files.writeString(file, "\n");
    assertRefused(secret::read).withMessageContaining("is empty");
  }

  private Path write(String hocon) throws IOException {
    return Files.writeString(folder.resolve("own.conf"), hocon);
  }

  private static org.assertj.core.api.ThrowableAssertAlternative<PipelineException> assertRefused(
      ThrowingCallable call) {
    return assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(call)
        .matches(e -> e.kind() == PipelineException.Kind.REFUSED);
  }
}
