package io.foldlog.batch.archive;

import io.foldlog.log.HeldBackRecords;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records that an open transaction held back when a step read the end of the log. The step does
 * not include them.
 *
 * @param records their number, transaction markers included
 * @param oldest the timestamp of the oldest one; empty if there is none
 * @param message what holds them back and for how long; empty if there is none
 */
public record HeldBack(long records, Optional<String> oldest, String message) {

  private static final Logger LOG = LoggerFactory.getLogger(HeldBack.class);

  public HeldBack {
    Objects.requireNonNull(oldest);
    Objects.requireNonNull(message);
  }

  /** Converts the records, and logs a transaction that Kafka does not end by itself. */
  public static HeldBack of(HeldBackRecords found, Instant now) {
    String message = found.message(now);
    if (!found.hanging().isEmpty()) {
      LOG.warn("event=transaction_hangs records={} message=\"{}\"", found.count(), message);
    }
    return new HeldBack(found.count(), found.oldest().map(Instant::toString), message);
  }
}
