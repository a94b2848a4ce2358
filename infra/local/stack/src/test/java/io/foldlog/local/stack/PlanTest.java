package io.foldlog.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.runtime.Settings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PlanTest {
  @Test
  void shouldKeepAllUnderOneRoot() {
    Plan plan = Plan.of(Settings.of("stack.root = /elsewhere"));
    assertThat(plan.stack().state()).isEqualTo(Path.of("/elsewhere/state"));
    assertThat(plan.stack().logs()).isEqualTo(Path.of("/elsewhere/logs"));
    assertThat(plan.kafkaArguments()).startsWithRaw(plan.stack().state());
    assertThat(plan.cassandraArguments()).startsWithRaw(plan.stack().state());
    assertThat(plan.view().admin().passwordFile()).startsWithRaw(plan.stack().state());
  }

  @Test
  void shouldNameTheSettingOfEveryPort() {
    assertThat(Plan.of(Settings.of("")).ports())
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
  void shouldRunNoServerThatSomebodyElseRuns() {
    Plan plan =
        Plan.of(
            Settings.of(
                "kafka { external = true, bootstrap-servers = \"kafka1:9093\" },"
                    + " cassandra { external = true, contact-points = [one, two], port = 9142 }"));
    assertThat(plan.kafka().external()).isTrue();
    assertThat(plan.view().external()).isTrue();
    assertThat(plan.view().host()).isEqualTo("one");
    assertThat(plan.view().port()).isEqualTo(9142);
    assertThat(plan.ports())
        .extracting(StackSettings.Port::setting)
        .contains("stack.postgresql.port")
        .doesNotContain("stack.kafka.port", "stack.cassandra.port");
  }

  @Test
  void shouldRefuseAHeapThatIsTooSmall() {
    assertThatThrownBy(() -> Plan.of(Settings.of("stack.kafka.heap = 1 MiB")))
        .hasMessageContaining("stack.kafka.heap is \"1 MiB\"; it must be from 64 MiB");
  }

  @Test
  void shouldRefuseAScheduleThatIsNotCron() {
    assertThatThrownBy(() -> Plan.of(Settings.of("stack.airflow.nightly-schedule = nightly")))
        .hasMessageContaining(
            "stack.airflow.nightly-schedule is \"nightly\"; it must be five cron fields");
  }

  @Test
  void shouldRefuseARetryDelayThatIsNone() {
    assertThat(Plan.of(Settings.of("stack.airflow.retry-delay = 1 minute")).stack().airflow())
        .extracting(StackSettings.Airflow::retryDelaySeconds)
        .isEqualTo(60L);
    assertThatThrownBy(() -> Plan.of(Settings.of("stack.airflow.retry-delay = 500 ms")))
        .hasMessageContaining("retry-delay is \"500 ms\"; it must be from 1 second to 10 minutes");
  }

  @Test
  void shouldNameTheWebhooksFileAbsolutely() {
    String file = "stack.airflow.failure-webhook-file = ";
    assertThat(Plan.of(Settings.of(file + "hook.url")).stack().airflow().failureWebhookFile())
        .isEqualTo(Path.of("hook.url").toAbsolutePath().toString());
    assertThat(Plan.of(Settings.of("")).stack().airflow().failureWebhookFile()).isEmpty();
  }
}
