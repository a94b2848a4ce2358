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
  void shouldReadTheReferenceFileOfEachSection() {
    Settings settings = Settings.of("");
    assertThat(settings.section("kafka").text("topic")).isEqualTo("users_created");
    assertThat(settings.section("kafka").text("dead-letter-topic"))
        .isEqualTo("users_created.dead-letter");
    assertThat(settings.startupTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(settings.shutdownTimeout()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void shouldResolveReferencesToAnOverriddenSetting() {
    assertThat(Settings.of("stack.kafka.port = 19092").section("kafka").text("bootstrap-servers"))
        .isEqualTo("127.0.0.1:19092");
  }

  @Test
  void shouldPreferEnvironmentOverSettingsFileOverReferenceFile() throws IOException {
    Path file = write("kafka { topic = from_file, partitions = 3 }");
    Settings.Section kafka =
        Settings.load(
                Optional.of(file),
                Map.of(
                    "FOLDLOG_KAFKA_TOPIC", "from_environment",
                    "FOLDLOG_KAFKA_BROKERS", "one, two",
                    "PATH", "/bin"))
            .section("kafka");
    assertThat(kafka.text("topic")).isEqualTo("from_environment");
    assertThat(kafka.integer("partitions", 1, 9)).isEqualTo(3);
    assertThat(kafka.textList("brokers")).containsExactly("one", "two");
  }

  @Test
  void shouldReportTheOriginOfEveryValue() throws IOException {
    Path file = write("kafka {\n  partitions = 3\n}");
    assertThat(Settings.load(Optional.of(file), Map.of("FOLDLOG_KAFKA_TOPIC", "users")).entries())
        .contains(
            new Settings.Entry("kafka.partitions", "3", file + ", line 2"),
            new Settings.Entry(
                "kafka.topic", "\"users\"", "environment variable FOLDLOG_KAFKA_TOPIC"),
            new Settings.Entry("stack.kafka.port", "9092", "foldlog/stack.conf, line 3"));
  }

  @Test
  void shouldApplyAdditionalDefaultsBelowTheSettingsFile() {
    Settings settings =
        Settings.of("stack.speed-layer.cores = 4").withDefaults("test-defaults.conf");
    assertThat(settings.section("kafka").text("topic")).isEqualTo("from_stack");
    assertThat(settings.section("kafka").integer("partitions", 1, 9)).isEqualTo(4);
    assertThat(
            Settings.of("kafka.topic = mine")
                .withDefaults("test-defaults.conf")
                .section("kafka")
                .text("topic"))
        .isEqualTo("mine");
  }

  @Test
  void shouldRenderASettingsFileThatIncludesTheUsersFile() throws IOException {
    Path file = write("kafka.topic = mine, stack.speed-layer.cores = 4");
    Settings settings = Settings.load(Optional.of(file), Map.of());
    Path written =
        Files.writeString(
            folder.resolve("written.conf"), settings.fileFor("stack", "test-defaults.conf"));
    Settings read = Settings.load(Optional.of(written), Map.of());
    assertThat(read.section("kafka").text("topic")).isEqualTo("mine");
    assertThat(read.section("kafka").integer("partitions", 1, 9)).isEqualTo(4);
    assertThat(read.entries())
        .contains(new Settings.Entry("kafka.topic", "\"mine\"", file + ", line 1"));
  }

  @Test
  void shouldSkipTheSectionsOfOtherApplications() throws IOException {
    Path file =
        write("lake.root = ${batch-layer.nothing}, batch-layer.any = 1, kafka.topic = mine");
    Settings settings = Settings.load(Optional.of(file), Map.of("FOLDLOG_LAKE_ANYTHING", "x"));
    assertThat(settings.section("kafka").text("topic")).isEqualTo("mine");
    assertThat(settings.hasSection("lake")).isFalse();
    assertThat(settings.entries()).noneMatch(entry -> entry.path().startsWith("batch-layer"));
  }

  @Test
  void shouldReadTheSettingsFileThatTheEnvironmentNames() throws IOException {
    Path file = write("kafka.topic = from_file");
    Settings settings =
        Settings.load(Optional.empty(), Map.of("FOLDLOG_SETTINGS", file.toString()));
    assertThat(settings.section("kafka").text("topic")).isEqualTo("from_file");
  }

  @Test
  void shouldRejectAnUnknownKeyWithItsLineAndTheNearestKey() throws IOException {
    Path file = write("kafka {\n  topic = a\n  boostrap-servers = \"b:1\"\n}\n");
    assertRejected(() -> Settings.load(Optional.of(file), Map.of()))
        .withMessage(
            file
                + ", line 3: the setting kafka.boostrap-servers is not known; did you mean"
                + " kafka.bootstrap-servers?");
  }

  @Test
  void shouldRejectAnUnknownSection() {
    assertRejected(() -> Settings.of("zookeeper { nodes = 3 }"))
        .withMessageContaining("the setting zookeeper is not known.");
  }

  @Test
  void shouldRejectASectionInPlaceOfASettingAndViceVersa() {
    assertRejected(() -> Settings.of("kafka.partitions.name = a"))
        .withMessageContaining("kafka.partitions is a setting, not a section.");
    assertRejected(() -> Settings.of("runtime = 3s"))
        .withMessageContaining("runtime is a section, not a setting.");
  }

  @Test
  void shouldRejectAnUnknownEnvironmentVariable() {
    assertRejected(
            () -> Settings.load(Optional.empty(), Map.of("FOLDLOG_KAFKA_BOOTSTRAP_SERVER", "x")))
        .withMessage(
            "The environment variable FOLDLOG_KAFKA_BOOTSTRAP_SERVER does not match a known"
                + " setting; did you mean FOLDLOG_KAFKA_BOOTSTRAP_SERVERS?");
  }

  @Test
  void shouldRejectASettingsFileThatIsMissingOrNotHocon() throws IOException {
    assertRejected(() -> Settings.load(Optional.of(folder.resolve("none.conf")), Map.of()))
        .withMessage("The settings file %s does not exist.", folder.resolve("none.conf"));
    Path file = write("kafka {\n topic = \"a\n}");
    assertRejected(() -> Settings.load(Optional.of(file), Map.of()))
        .withMessageContaining(file.getFileName() + ": 2");
  }

  @Test
  void shouldMapEveryKeyToADifferentEnvironmentVariable() {
    Config reference = ConfigFactory.parseResources("foldlog/runtime.conf").resolve();
    assertThat(Settings.environmentNames(reference)).hasSameSizeAs(reference.entrySet());
    Config ambiguous = ConfigFactory.parseString("a-b.c = 1, a.b-c = 2");
    assertThatThrownBy(() -> Settings.environmentNames(ambiguous))
        .hasMessageContaining("FOLDLOG_A_B_C is the variable of both");
  }

  @Test
  void shouldReportSettingValueAndRuleOfAnInvalidValue() {
    Settings.Section section =
        Settings.of(
                "kafka { partitions = many, topic = \"\", trust-create-time = 7,"
                    + " max-message-bytes = large }, runtime.startup-timeout = soon, stack.kafka.port = -1")
            .section("kafka");
    assertRejected(() -> section.integer("partitions", 1, 9))
        .withMessageContaining("the setting kafka.partitions is \"many\"; it must be a whole")
        .withMessageContaining("from 1 to 9");
    assertRejected(() -> section.text("topic"))
        .withMessageContaining("the setting kafka.topic is \"\"; it must not be empty.");
    assertRejected(() -> section.flag("trust-create-time")).withMessageContaining("true or false");
    assertRejected(() -> section.bytes("max-message-bytes")).withMessageContaining("512 KiB");
    assertRejected(() -> section.choice("partitions", Thread.State.class))
        .withMessageContaining("must be one of new, runnable, blocked, waiting, timed-waiting,");
    Settings other = Settings.of("runtime.startup-timeout = soon, stack.kafka.port = -1");
    assertRejected(other::startupTimeout).withMessageContaining("a time span such as");
    assertRejected(() -> other.section("stack.kafka").integer("port", 1, 65_535))
        .withMessageContaining("stack.kafka.port is -1; it must be a whole number from 1 to 65535");
  }

  @Test
  void shouldReadEveryValueType() {
    Settings settings =
        Settings.of(
            "runtime.startup-timeout = 1500ms, kafka { topic = timed-waiting, max-message-bytes = 2 MiB }");
    assertThat(settings.startupTimeout()).isEqualTo(Duration.ofMillis(1500));
    Settings.Section kafka = settings.section("kafka");
    assertThat(kafka.bytes("max-message-bytes")).isEqualTo(2L * 1024 * 1024);
    assertThat(kafka.choice("topic", Thread.State.class)).isEqualTo(Thread.State.TIMED_WAITING);
    assertThat(kafka.optionalPath("properties-file")).isEmpty();
    assertThat(kafka.decimal("partitions", 0, 10)).isEqualTo(2.0);
    assertThat(settings.section("stack").map("speed-layer")).containsEntry("cores", "2");
  }

  @Test
  void shouldReadASecretOnlyFromAFileOfMode600() throws IOException {
    Path file = folder.resolve("password");
    Secret secret = new Secret("cassandra.writer.password-file", Optional.of(file));
    assertRejected(secret::read)
        .withMessageContaining("setting cassandra.writer.password-file does not exist");
    assertRejected(new Secret("cassandra.writer.password-file", Optional.empty())::read)
        .withMessageContaining("The setting cassandra.writer.password-file is blank");

    Files.writeString(file, "hidden\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertRejected(secret::read).withMessageContaining("chmod 600 " + file);

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(secret.read()).isEqualTo("hidden");
    assertThat(secret.toString()).doesNotContain("hidden");

    Files.writeString(file, "\n");
    assertRejected(secret::read).withMessageContaining("is empty");
  }

  private Path write(String hocon) throws IOException {
    return Files.writeString(folder.resolve("own.conf"), hocon);
  }

  private static org.assertj.core.api.ThrowableAssertAlternative<PipelineException> assertRejected(
      ThrowingCallable call) {
    return assertThatExceptionOfType(PipelineException.class)
        .isThrownBy(call)
        .matches(e -> e.kind() == PipelineException.Kind.USAGE_ERROR);
  }
}
