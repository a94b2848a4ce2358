package io.foldlog.admin.deadletters;

import io.foldlog.admin.errors.AdminErrors;
import io.foldlog.contract.Rejection;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.LogRecord;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
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

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    if (!RECORD.matcher(record).matches()) {
      throw AdminErrors.recordIdIsMalformed(record);
    }
    DeadLetterTopic topic = new DeadLetterTopic(context);
    AtomicLong found = new AtomicLong();
    topic.read(
        letter -> {
          if ((":" + letter.record().id()).endsWith(":" + record)) {
            found.incrementAndGet();
            show(letter, topic, context.out());
          }
        });
    if (found.get() == 0) {
      throw AdminErrors.deadLetterIsMissing(topic.name(), record);
    }
    return ApplicationOutcome.success();
  }

  private static void show(DeadLetter letter, DeadLetterTopic topic, PrintStream out) {
    LogRecord record = letter.record();
    Rejection rejection = letter.rejection();
    out.printf("record=%s topic=%s%n", record.id(), letter.topic());
    out.printf(
        "timestamp=%s kind=%s%n",
        Instant.ofEpochMilli(record.timestampMillis()), record.timestampSource());
    out.printf("reason=%s field=%s%n", rejection.code(), rejection.field());
    out.printf("message=%s%n", rejection.message());
    if (letter.leftOutBytes() > 0) {
      out.printf(
          "left_out=%d bytes of key, value and headers: the dead-letter topic did not take them; the log holds them%n",
          letter.leftOutBytes());
      return;
    }
    out.printf(
        "decodes_as=%s%n",
        topic.decodedToday(record) instanceof Rejection today ? today.code() : "an event");
    for (Header header : record.headers()) {
      show("header " + readable(header.key()), header.value(), out);
    }
    show("key", record.key(), out);
    show("value", record.value(), out);
  }

  private static void show(String what, byte[] bytes, PrintStream out) {
    out.println(
        bytes == null
            ? what + ": none"
            : "%s, %d bytes: %s".formatted(what, bytes.length, readable(bytes)));
  }

  private static String readable(String text) {
    return readable(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Text that no terminal takes for a command, or hexadecimal. */
  private static String readable(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.chars()
          .allMatch(unit -> !Character.isISOControl(unit) || "\t\r\n".indexOf(unit) >= 0)) {
        return text;
      }
    } catch (CharacterCodingException noText) {
      // as what holds control characters
    }
    return "hexadecimal"
        + HexFormat.of().formatHex(bytes).replaceAll("(.{1," + 2 * BYTES_A_LINE + "})", "\n$1");
  }
}
