package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import io.foldlog.producer.ProducerSettings.SourceKind;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProducerArgumentsTest {

  private static final Map<String, String> NO_ENVIRONMENT = Map.of();

  @TempDir Path folder;

  static Stream<Arguments> invalidArguments() {
    return Stream.of(
        rejected("--seed is given without --as-of", "--seed", "a"),
        rejected("--as-of is given without --seed", "--as-of", "2026-01-31T00:00:00Z"),
        rejected("must be an RFC 3339 time", "--seed", "a", "--as-of", "yesterday"),
        rejected("must lie between", "--seed", "a", "--as-of", "1999-12-31T23:59:59Z"),
        rejected("must lie between", "--seed", "a", "--as-of", "2999-01-01T00:00:00Z"),
        rejected("--seed must be text", "--seed", " ", "--as-of", "2026-01-31T00:00:00Z"),
        rejected("--seed must be text", "--seed", "", "--as-of", "2026-01-31T00:00:00Z"),
        rejected(
            "--seed must be text", "--seed", "a".repeat(257), "--as-of", "2026-01-31T00:00:00Z"),
        // what Java reads of a German name in the locale C
        rejected(
            "LC_ALL=C.UTF-8", "--seed", "Z\ufffd\ufffdrich", "--as-of", "2026-01-31T00:00:00Z"),
        rejected(
            "LC_ALL=C.UTF-8",
            "--source",
            "randomuser",
            "--seed",
            "Z\ufffd\ufffdrich",
            "--as-of",
            "2026-01-31T00:00:00Z"),
        rejected("--rate and --interval are both given", "--rate", "5", "--interval", "1"),
        rejected("--rate is 0", "--rate", "0"),
        rejected("--rate is NaN", "--rate", "NaN"),
        rejected("--count is 0", "--count", "0"),
        rejected("--batch is 0", "--batch", "0"),
        rejected("--event-weights is 0:1:1", "--event-weights", "0:1:1"),
        rejected("--event-weights is a:b", "--event-weights", "a:b"),
        rejected(
            "--event-weights belongs to --source synthetic",
            "--event-weights",
            "1:1:1",
            "--source",
            "randomuser"),
        rejected("--file belongs to --source file", "--file", "users.jsonl"),
        rejected("--source file needs --file", "--source", "file"),
        rejected("--seed means nothing", "--source", "file", "--file", "x", "--seed", "a"),
        rejected("missing.jsonl", "--source", "file", "--file", "missing.jsonl"),
        rejected("may ask for 5000", "--source", "randomuser", "--batch", "5001"),
        rejected("--ack-journal cannot be written", "--ack-journal", "/no/such/folder/ids"));
  }

  private static Arguments rejected(String message, String... arguments) {
    return Arguments.of(message, arguments);
  }

  @ParameterizedTest
  @MethodSource("invalidArguments")
  void shouldRejectInvalidArguments(String message, String[] arguments) {
    ApplicationResult result = ApplicationRunner.run(new Producer(), Settings.of(""), arguments);
    assertThat(result.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(result.message()).contains(message);
  }

  @Test
  void shouldMapTheDefaults() {
    ProducerSettings settings =
        ProducerSettings.from(Settings.load(Optional.empty(), NO_ENVIRONMENT));
    assertThat(settings.source()).isEqualTo(SourceKind.SYNTHETIC);
    assertThat(settings.batch()).isEqualTo(100);
    assertThat(settings.interval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.rate()).isZero();
    assertThat(settings.weights()).isEqualTo(new EventWeights(70, 25, 5));
    assertThat(settings.randomUser().url()).hasToString("https://randomuser.me/api/1.4/");
    assertThat(settings.randomUser().usersPerFiveMinutes()).isEqualTo(20_000);
    assertThat(settings.randomUser().maxResults()).isEqualTo(5000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "producer.event-weights = \"1:2\" | producer.event-weights",
        "producer.source = kafka | producer.source",
        "producer.batch = 0 | producer.batch",
        "producer.rate = -1 | producer.rate",
        "producer.randomuser.url = nonsense | producer.randomuser.url",
        "producer.randomuser.url = \"ftp://x/\" | producer.randomuser.url",
        "producer.randomuser.url = \"http://a:b@x/\" | producer.randomuser.url",
        "producer.randomuser.initial-backoff = 1m | producer.randomuser.max-backoff",
      })
  void shouldReportTheInvalidSetting(String hocon, String name) throws Exception {
    Path file = folder.resolve("settings.conf");
    Files.writeString(file, hocon);
    assertThatThrownBy(
            () -> ProducerSettings.from(Settings.load(Optional.of(file), NO_ENVIRONMENT)))
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining(name);
  }
}
