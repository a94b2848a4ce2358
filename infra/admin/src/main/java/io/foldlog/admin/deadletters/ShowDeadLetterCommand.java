package io.foldlog.admin.deadletters;

import io.foldlog.admin.errors.AdminErrors;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.TimestampSource;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.LogRecord;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one complete dead letter. */
@Command(
    name = "show",
    description = {
      "Shows a complete rejected record, which may contain personal data.",
      "Prints the rejection, headers, key and value, as text or in hexadecimal."
    })
final class ShowDeadLetterCommand implements ApplicationCommand {

  private static final Pattern RECORD = Pattern.compile("([A-Za-z0-9_-]+:)?[0-9]+:[0-9]+");
  private static final int BYTES_PER_LINE = 32;

  @Parameters(
      paramLabel = "RECORD",
      description =
          "The record id as list prints it: TOPIC_ID:PARTITION:OFFSET, or PARTITION:OFFSET.")
  private String record;

  /**
   * A part of a record. JSON omits null values.
   *
   * @param name "key", "value" or the name of a header
   * @param bytes size in bytes; null if the part is absent
   * @param text the bytes as text, if a terminal can print them safely; else null
   * @param hexadecimal the bytes in hexadecimal, if {@code text} is null; else null
   */
  record Part(String name, Integer bytes, String text, String hexadecimal) {

    static Part of(String name, byte[] bytes) {
      if (bytes == null) {
        return new Part(name, null, null, null);
      }
      String text = printable(bytes).orElse(null);
      String hexadecimal = text == null ? HexFormat.of().formatHex(bytes) : null;
      return new Part(name, bytes.length, text, hexadecimal);
    }

    @Override
    public String toString() {
      return bytes == null ? name + ": none" : "%s, %d bytes: %s".formatted(name, bytes, content());
    }

    private String content() {
      return text != null ? text : lines(hexadecimal);
    }
  }

  /**
   * A complete dead letter. JSON omits null values.
   *
   * @param timestampSource whose clock set the record's timestamp
   * @param omittedBytes size of key, value and headers if they exceed the limit of the dead letter
   *     topic, else 0; if not 0, {@code parts} is empty and {@code rejectedToday} is null
   * @param rejectedToday the reason why this release rejects the record; null for an event
   * @param parts headers, key and value
   */
  record DeadLetterDetails(
      String record,
      String topic,
      String timestamp,
      TimestampSource timestampSource,
      Rejection rejection,
      long omittedBytes,
      Rejection.Code rejectedToday,
      List<Part> parts) {

    @Override
    public String toString() {
      List<String> lines = new ArrayList<>();
      lines.add("record=%s topic=%s".formatted(record, topic));
      lines.add("timestamp=%s kind=%s".formatted(timestamp, timestampSource));
      lines.add("reason=%s field=%s".formatted(rejection.code(), rejection.field()));
      lines.add("message=" + rejection.message());
      lines.add(
          omittedBytes > 0
              ? "left_out=%d bytes of key, value and headers: they exceed the limit of the dead letter topic; the log still holds them"
                  .formatted(omittedBytes)
              : "decodes_as=" + (rejectedToday == null ? "an event" : rejectedToday));
      parts.forEach(part -> lines.add(part.toString()));
      return String.join(System.lineSeparator(), lines);
    }
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    if (!RECORD.matcher(record).matches()) {
      throw AdminErrors.recordIdIsMalformed(record);
    }
    DeadLetterTopic topic = new DeadLetterTopic(context);
    AtomicReference<DeadLetterDetails> found = new AtomicReference<>();
    topic.read(
        deadLetter -> {
          if ((":" + deadLetter.record().id()).endsWith(":" + record)) {
            found.set(details(deadLetter, topic));
            context.out().println(found.get());
          }
        });
    if (found.get() == null) {
      throw AdminErrors.deadLetterIsMissing(topic.name(), record);
    }
    return ApplicationOutcome.success(found.get());
  }

  private static DeadLetterDetails details(DeadLetter deadLetter, DeadLetterTopic topic) {
    LogRecord record = deadLetter.record();
    boolean complete = deadLetter.omittedBytes() == 0;
    Rejection.Code today =
        complete && topic.decode(record) instanceof Rejection rejection ? rejection.code() : null;
    return new DeadLetterDetails(
        record.id().toString(),
        deadLetter.topic(),
        Instant.ofEpochMilli(record.timestampMillis()).toString(),
        record.timestampSource(),
        deadLetter.rejection(),
        deadLetter.omittedBytes(),
        today,
        complete ? parts(record) : List.of());
  }

  private static List<Part> parts(LogRecord record) {
    List<Part> parts = new ArrayList<>();
    for (Header header : record.headers()) {
      parts.add(Part.of("header " + headerName(header.key()), header.value()));
    }
    parts.add(Part.of("key", record.key()));
    parts.add(Part.of("value", record.value()));
    return parts;
  }

  private static String headerName(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return printable(bytes).orElseGet(() -> lines(HexFormat.of().formatHex(bytes)));
  }

  /**
   * The bytes as UTF-8 text; empty if they are not text or contain control characters that a
   * terminal could interpret.
   */
  private static Optional<String> printable(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return Optional.of(text)
          .filter(
              printed ->
                  printed
                      .chars()
                      .allMatch(
                          unit -> !Character.isISOControl(unit) || "\t\r\n".indexOf(unit) >= 0));
    } catch (CharacterCodingException notText) {
      return Optional.empty();
    }
  }

  private static String lines(String hexadecimal) {
    return "hexadecimal" + hexadecimal.replaceAll("(.{1," + 2 * BYTES_PER_LINE + "})", "\n$1");
  }
}
