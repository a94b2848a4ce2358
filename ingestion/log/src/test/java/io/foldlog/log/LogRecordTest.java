package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LogRecordTest {

  @Test
  void shouldHaveDifferentFingerprintsForDifferentTimestampsKeysAndValues() {
    assertThat(
            Stream.of(
                LogRecord.fingerprint(1, bytes("ab"), bytes("c")),
                LogRecord.fingerprint(2, bytes("ab"), bytes("c")),
                LogRecord.fingerprint(1, bytes("a"), bytes("bc")),
                LogRecord.fingerprint(1, bytes("ab"), bytes("d")),
                LogRecord.fingerprint(1, bytes(""), bytes("abc")),
                LogRecord.fingerprint(1, null, bytes("abc")),
                LogRecord.fingerprint(1, bytes("abc"), null)))
        .doesNotHaveDuplicates();
    assertThat(LogRecord.fingerprint(1, bytes("ab"), bytes("c")))
        .isEqualTo(LogRecord.fingerprint(1, bytes("ab"), bytes("c")));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
