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

/** Shows one dead letter whole. */
@Command(
    name = "show",
    description = {
      "Shows a rejected record whole, which is personal data.",
      "Prints the rejection, headers, key and value, as text or in hexadecimal."
    })
final class ShowDeadLetterCommand implements ApplicationCommand {

  private static final Pattern RECORD = Pattern.compile("([A-Za-z0-9_-]+:)?[0-9]+:[0-9]+");
  private static final int BYTES_A_LINE = 32;

  @Parameters(
      paramLabel = "RECORD",
      description = "As list writes it: TOPIC_ID:PARTITION:OFFSET, or PARTITION:OFFSET.")
  private String record;

  /**
   * A part of a record; JSON leaves out what is null.
   *
   * @param name "key", "value" or a header's name
   * @param bytes how many; null for a part that is absent
   * @param text the bytes, where they are text that no terminal takes for a command; else null
   * @param hexadecimal the bytes, where they are not; else null
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
   * A dead letter whole; JSON leaves out what is null.
   *
   * @param timestampSource who gave the record its timestamp
   * @param leftOutBytes bytes of key, value and headers that the dead-letter topic did not take;
   *     where there are any, {@code parts} is empty and {@code rejectedToday} null
   * @param rejectedToday the reason for which the record is rejected today; null for an event
   * @param parts headers, key and value
   */
  record Shown(
      String record,
      String topic,
      String timestamp,
      TimestampSource timestampSource,
      Rejection rejection,
      long leftOutBytes,
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
          leftOutBytes > 0
              ? "left_out=%d bytes of key, value and headers: the dead-letter topic did not take them; the log holds them"
                  .formatted(leftOutBytes)
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
    AtomicReference<Shown> found = new AtomicReference<>();
    topic.read(
        letter -> {
          if ((":" + letter.record().id()).endsWith(":" + record)) {
            found.set(shown(letter, topic));
            context.out().println(found.get());
          }
        });
    if (found.get() == null) {
      throw AdminErrors.deadLetterIsMissing(topic.name(), record);
    }
    return ApplicationOutcome.success(found.get());
  }

  private static Shown shown(DeadLetter letter, DeadLetterTopic topic) {
    LogRecord record = letter.record();
    boolean whole = letter.leftOutBytes() == 0;
    Rejection.Code today =
        whole && topic.decodedToday(record) instanceof Rejection rejection
            ? rejection.code()
            : null;
    return new Shown(
        record.id().toString(),
        letter.topic(),
        Instant.ofEpochMilli(record.timestampMillis()).toString(),
        record.timestampSource(),
        letter.rejection(),
        letter.leftOutBytes(),
        today,
        whole ? parts(record) : List.of());
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

  /** The text that the bytes are, unless a terminal may take it for a command. */
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
    } catch (CharacterCodingException noText) {
      return Optional.empty();
    }
  }

  private static String lines(String hexadecimal) {
    return "hexadecimal" + hexadecimal.replaceAll("(.{1," + 2 * BYTES_A_LINE + "})", "\n$1");
  }
}
