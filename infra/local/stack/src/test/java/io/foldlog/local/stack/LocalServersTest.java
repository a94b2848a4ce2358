package io.foldlog.local.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.Settings;
import org.junit.jupiter.api.Test;

class LocalServersTest {

  private static final int MEBIBYTE = 1024 * 1024;

  @Test
  void shouldAcceptRequestWithLargestDeadLetterOfEachPartition() {
    assertThat(maxRequestBytes("")).isEqualTo(2 * (MEBIBYTE + 64 * 1024) + 4 * MEBIBYTE);
    assertThat(maxRequestBytes("kafka { partitions = 3, max-message-bytes = 2 MiB }"))
        .isEqualTo(3 * (2 * MEBIBYTE + 64 * 1024) + 4 * MEBIBYTE);
  }

  @Test
  void shouldNotAcceptLargerRequestsThanClientsSend() {
    assertThat(maxRequestBytes("kafka { partitions = 10000, max-message-bytes = 64 MiB }"))
        .isEqualTo(68 * MEBIBYTE + 64 * 1024);
  }

  private static int maxRequestBytes(String text) {
    Settings settings = Settings.of(text);
    return LocalServers.kafka(StackSettings.from(settings), KafkaSettings.from(settings))
        .maxRequestBytes();
  }
}
