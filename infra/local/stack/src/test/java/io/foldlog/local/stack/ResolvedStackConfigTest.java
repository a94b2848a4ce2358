package io.foldlog.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvedStackConfigTest {
  @TempDir Path folder;

  @Test
  void shouldKeepStateAndLogsUnderRoot() {
    ResolvedStackConfig config = resolved("stack.root = /elsewhere");
    assertThat(config.stack().state()).isEqualTo(Path.of("/elsewhere/state"));
    assertThat(config.stack().logs()).isEqualTo(Path.of("/elsewhere/logs"));
    assertThat(config.kafkaArguments()).startsWithRaw(config.stack().state());
    assertThat(config.cassandraArguments()).startsWithRaw(config.stack().state());
    assertThat(config.view().admin().passwordFile()).startsWithRaw(config.stack().state());
  }

  @Test
  void shouldListPortsWithTheirSettings() {
    assertThat(resolved("").ports())
        .contains(
            new StackSettings.Port("stack.kafka.port", 9092),
            new StackSettings.Port("stack.cassandra.port", 9042),
            new StackSettings.Port("stack.speed-layer.ui-port", 4040),
            new StackSettings.Port("stack.postgresql.port", 5433),
            new StackSettings.Port("stack.airflow.port", 8080))
        .extracting(StackSettings.Port::number)
        .doesNotHaveDuplicates();
  }

  @Test
  void shouldListNoPortsOfExternalServers() {
    ResolvedStackConfig config =
        resolved(
            "kafka { external = true, bootstrap-servers = \"kafka1:9093\" },"
                + " cassandra { external = true, contact-points = [one, two], port = 9142 }");
    assertThat(config.kafka().external()).isTrue();
    assertThat(config.view().external()).isTrue();
    assertThat(config.view().host()).isEqualTo("one");
    assertThat(config.view().port()).isEqualTo(9142);
    assertThat(config.ports())
        .extracting(StackSettings.Port::setting)
        .contains("stack.postgresql.port")
        .doesNotContain("stack.kafka.port", "stack.cassandra.port");
  }

  @Test
  void shouldRejectHeapBelowMinimum() {
    assertThatThrownBy(() -> resolved("stack.kafka.heap = 1 MiB"))
        .hasMessageContaining("stack.kafka.heap is \"1 MiB\"; it must be from 64 MiB");
  }

  @Test
  void shouldRejectScheduleWithoutCronFields() {
    assertThatThrownBy(() -> resolved("stack.airflow.nightly-schedule = nightly"))
        .hasMessageContaining(
            "stack.airflow.nightly-schedule is \"nightly\"; it must be five cron fields");
  }

  @Test
  void shouldRejectRetryDelayBelowOneSecond() {
    assertThat(resolved("stack.airflow.retry-delay = 1 minute").stack().airflow())
        .extracting(StackSettings.Airflow::retryDelaySeconds)
        .isEqualTo(60L);
    assertThatThrownBy(() -> resolved("stack.airflow.retry-delay = 500 ms"))
        .hasMessageContaining("retry-delay is \"500 ms\"; it must be from 1 second to 10 minutes");
  }

  @Test
  void shouldResolveWebhookFileToAbsolutePath() {
    String file = "stack.airflow.failure-webhook-file = ";
    assertThat(resolved(file + "hook.url").stack().airflow().failureWebhookFile())
        .isEqualTo(Path.of("hook.url").toAbsolutePath().toString());
    assertThat(resolved("").stack().airflow().failureWebhookFile()).isEmpty();
  }

  @Test
  void shouldWriteSettingsFileOfStackPrograms() throws IOException {
    Path userFile =
        Files.writeString(folder.resolve("own.conf"), "kafka.topic = own, lake.root = lake");
    Settings settings =
        Settings.load(Optional.of(userFile), Map.of("FOLDLOG_STACK_KAFKA_PORT", "19092"));
    Path written =
        Files.writeString(
            folder.resolve("settings.conf"), StackSettings.settingsFileText(settings));
    Settings read = Settings.load(Optional.of(written), Map.of());
    KafkaSettings kafka = KafkaSettings.from(read);
    assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:19092");
    assertThat(kafka.topic()).isEqualTo("own");
    assertThat(StackSettings.from(read).kafka().clients().number()).isEqualTo(19_092);
    assertThat(read.entries())
        .contains(new Settings.Entry("lake.root", "\"lake\"", userFile + ", line 1"));
  }

  @Test
  void shouldPrintResolvedSettingsAsJson() throws IOException {
    Settings settings = Settings.of("stack.root = \"%s\"".formatted(folder));
    ApplicationResult result = ApplicationRunner.run(new LocalStack(), settings, "resolve");
    assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.SUCCESS);
    JsonNode printed = new ObjectMapper().readTree(result.output());
    assertThat(printed.at("/kafka/topic").asText()).isEqualTo("users_created");
    assertThat(printed.at("/stack/state").asText()).isEqualTo(folder.resolve("state").toString());
    assertThat(folder.resolve("state/run/settings.conf")).isRegularFile();
  }

  private static ResolvedStackConfig resolved(String text) {
    return ResolvedStackConfig.of(StackSettings.withStackDefaults(Settings.of(text)));
  }
}
