package io.foldlog.log;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records that are held back by an open transaction: those between the last stable offset and
 * the high watermark. Readers of committed records see them when the transaction has ended. Records
 * of other producers among them are acknowledged.
 *
 * @param count the number of their offsets, transaction markers included
 * @param oldest the timestamp of the oldest record; empty if there is none
 * @param hanging the transactions that are open for longer than Kafka allows; Kafka will not end
 *     them
 */
public record HeldBackRecords(
    long count, Optional<Instant> oldest, List<HangingTransaction> hanging) {

  private static final Logger LOG = LoggerFactory.getLogger(HeldBackRecords.class);

  /** No record is held back. */
  public static final HeldBackRecords NONE = new HeldBackRecords(0, Optional.empty(), List.of());

  /**
   * A transaction that Kafka does not end by itself.
   *
   * @param partition of the topic
   * @param startOffset the first offset of the transaction in the partition
   * @param producerId Kafka's id of the producer
   * @param command the command that aborts the transaction
   */
  public record HangingTransaction(
      int partition, long startOffset, long producerId, String command) {

    public HangingTransaction {
      Objects.requireNonNull(command);
    }
  }

  public HeldBackRecords {
    Objects.requireNonNull(oldest);
    hanging = List.copyOf(hanging);
  }

  /**
   * The records for a result in JSON.
   *
   * @param records the number of offsets
   * @param oldest the timestamp of the oldest record, ISO 8601; null if there is none
   * @param ageSeconds the age of the oldest record; 0 if there is none
   * @param message {@link #message(Instant)}
   */
  public record Summary(
      @JsonProperty("records") long records,
      @JsonProperty("oldest") String oldest,
      @JsonProperty("age_s") long ageSeconds,
      @JsonProperty("message") String message) {}

  /** As {@link #summary}. Logs a transaction that Kafka does not end by itself. */
  public Summary warned(Instant now) {
    Summary summary = summary(now);
    if (!hanging.isEmpty()) {
      LOG.warn("event=transaction_hangs records={} message=\"{}\"", count, summary.message());
    }
    return summary;
  }

  /** The records for a result in JSON. */
  public Summary summary(Instant now) {
    return new Summary(
        count, oldest.map(Instant::toString).orElse(null), age(now).toSeconds(), message(now));
  }

  /** The age of the oldest record; zero if there is none. */
  public Duration age(Instant now) {
    Duration age = oldest.map(time -> Duration.between(time, now)).orElse(Duration.ZERO);
    return age.isNegative() ? Duration.ZERO : age;
  }

  /**
   * The records as a sentence; empty text if no record is held back. It names the producer and the
   * command that ends each hanging transaction.
   */
  public String message(Instant now) {
    if (count == 0) {
      return "";
    }
    String message = LogErrors.recordsAreHeldBack(count, age(now));
    return hanging.isEmpty()
        ? message
        : message
            + hanging.stream()
                .map(LogErrors::transactionHangs)
                .collect(Collectors.joining(" ", " ", ""));
  }
}
