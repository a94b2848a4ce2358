package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.runtime.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaSettingsTest {
  @TempDir Path folder;

  @Test
  void shouldMapTheDefaults() {
    KafkaSettings kafka = settings("");
    assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:9092");
    assertThat(kafka.topic()).isEqualTo("users_created");
    assertThat(kafka.deadLetterTopic()).isEqualTo("users_created.dead-letter");
    assertThat(kafka.partitions()).isEqualTo(2);
    assertThat(kafka.maxMessageBytes()).isEqualTo(1024 * 1024);
    assertThat(kafka.deliveryTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(kafka.clientProperties()).containsOnlyKeys("bootstrap.servers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kafka.dead-letter-topic = users_created | must not be the log itself",
        "kafka.topic = \"a b\" | must be a topic name",
        "kafka.max-message-bytes = 1 KiB | must be from 16 KiB to 64 MiB",
        "kafka.delivery-timeout = 1ms | must be from 1 second to 1 day",
      })
  void shouldRejectInvalidValues(String text, String rule) {
    assertThatThrownBy(() -> settings(text)).hasMessageContaining(rule);
  }

  @Test
  void shouldReadClientPropertiesButKeepTheBootstrapServers() throws IOException {
    Path file = folder.resolve("client.properties");
    Files.writeString(file, "security.protocol=SSL\nbootstrap.servers=other:1\n");
    assertThat(settings("kafka.properties-file = \"" + file + "\"").clientProperties())
        .containsEntry("security.protocol", "SSL")
        .containsEntry("bootstrap.servers", "127.0.0.1:9092");
    KafkaSettings missing = settings("kafka.properties-file = \"" + file + ".none\"");
    assertThatThrownBy(missing::clientProperties)
        .hasMessageContaining("kafka.properties-file cannot be read");
  }

  private static KafkaSettings settings(String text) {
    return KafkaSettings.from(Settings.of(text));
  }
}
