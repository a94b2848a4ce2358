package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.TimestampSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;

class LogRecordTest {

  @Test
  void shouldHaveDifferentFingerprintsForDifferentTimestampsKeysValuesAndHeaders() {
    assertThat(
            Stream.of(
                fingerprint(1, "ab", "c"),
                fingerprint(2, "ab", "c"),
                fingerprint(1, "a", "bc"),
                fingerprint(1, "ab", "d"),
                fingerprint(1, "", "abc"),
                fingerprint(1, null, "abc"),
                fingerprint(1, "abc", null),
                fingerprint(1, "ab", "c", header("ce_type", "user.deleted.v1")),
                fingerprint(1, "ab", "c", header("ce_type", "user.updated.v1")),
                fingerprint(1, "ab", "c", header("ce_type", null)),
                fingerprint(1, "ab", "c", header("ce_typ", "euser.updated.v1")),
                fingerprint(1, "ab", "c", header("a", "1"), header("b", "2")),
                fingerprint(1, "ab", "c", header("b", "2"), header("a", "1"))))
        .doesNotHaveDuplicates();
    assertThat(fingerprint(1, "ab", "c", header("a", "1")))
        .isEqualTo(fingerprint(1, "ab", "c", header("a", "1")));
  }

  private static long fingerprint(long millis, String key, String value, Header... headers) {
    return new LogRecord(
            new RecordId(LogId.of("topic"), 0, 7),
            TimestampSource.LOG_APPEND_TIME,
            millis,
            bytes(key),
            bytes(value),
            List.of(headers))
        .fingerprint();
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, bytes(value));
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
