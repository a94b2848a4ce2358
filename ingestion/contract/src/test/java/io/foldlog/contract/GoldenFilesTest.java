package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Old records must always decode to the same result. Each document in {@code golden/} has a text
 * file with the expected result, and a record with headers has a file with them. Files are added
 * and never edited.
 */
class GoldenFilesTest {

  private static final long RECORD_MILLIS = 1_704_067_200_000L; // 2024-01-01T00:00:00Z
  private static final long OFFSET = 41_007;

  static List<Path> documents() throws IOException, URISyntaxException {
    Path golden = Path.of(GoldenFilesTest.class.getResource("/golden").toURI());
    try (Stream<Path> files = Files.walk(golden)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void shouldDecodeOldRecordsUnchanged(Path document) throws IOException {
    Path expected = Path.of(document.toString().replaceFirst("json$", "txt"));

    String read =
        text(
            new EventDecoder(EventDecoder.CreateTime.REJECT)
                .decode(
                    new RawRecord(
                        null,
                        Files.readAllBytes(document),
                        headers(document),
                        TimestampSource.LOG_APPEND_TIME,
                        RECORD_MILLIS,
                        OFFSET)));

    assertThat(expected)
        .usingCharset(StandardCharsets.UTF_8)
        .as("decode result of %s:%n%s", document, read)
        .hasContent(read);
  }

  /** The headers are the lines {@code name: value} of the file beside the document. */
  private static List<RecordHeader> headers(Path document) throws IOException {
    Path file = Path.of(document.toString().replaceFirst("json$", "headers"));
    if (!Files.exists(file)) {
      return List.of();
    }
    return Files.readAllLines(file).stream()
        .map(line -> line.split(": ", 2))
        .map(pair -> new RecordHeader(pair[0], pair[1].getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  private static String text(DecodeResult decoded) {
    if (decoded instanceof Rejection rejection) {
      return rejection.code() + " [" + rejection.field() + "] " + rejection.message() + "\n";
    }
    UserEvent event = (UserEvent) decoded;
    StringBuilder text = new StringBuilder();
    text.append(event.type().wireName()).append('\n');
    text.append("id ").append(event.id()).append('\n');
    text.append("source ").append(event.source()).append('\n');
    text.append("user ").append(event.userId()).append('\n');
    text.append("time ").append(event.timeMicros()).append('\n');
    text.append("unknown members ").append(event.unknownMembers()).append('\n');
    for (UserField field : UserField.all()) {
      if (!event.isAbsent(field)) {
        text.append(field.columnName())
            .append(event.isCleared(field) ? " cleared" : " = " + value(event, field))
            .append('\n');
      }
    }
    return text.toString();
  }

  private static Object value(UserEvent event, UserField field) {
    ByteBuffer value = ByteBuffer.wrap(event.value(field));
    return switch (field.type()) {
      case TEXT -> StandardCharsets.UTF_8.decode(value);
      case TIMESTAMP, BIGINT -> value.getLong();
      case DOUBLE -> value.getDouble();
    };
  }
}
