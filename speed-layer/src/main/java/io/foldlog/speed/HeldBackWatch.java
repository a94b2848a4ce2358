package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.HeldBackRecords.HangingTransaction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the records that are held back by an open transaction. The brokers are asked about the
 * transaction every few seconds, and only while records are held back. Thread-safe.
 */
final class HeldBackWatch {

  private static final Logger LOG = LoggerFactory.getLogger(HeldBackWatch.class);

  /** How often the brokers are asked about open transactions. */
  static final Duration INTERVAL = Duration.ofSeconds(5);

  /** A transaction that ends soon is not worth a line, nor is each one of a busy producer. */
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  private final Supplier<EndOffsets> end;
  private final BiFunction<EndOffsets, Instant, HeldBackRecords> log;
  private final InstantSource clock;

  private HeldBackRecords known = HeldBackRecords.NONE;
  private Optional<Instant> asked = Optional.empty();
  private Optional<Instant> logged = Optional.empty();
  private boolean isLogged;
  private final Set<HangingTransaction> hanging = new HashSet<>();

  /**
   * @param end the end of the log at the last check
   * @param log asks the brokers about the records that are held back
   */
  HeldBackWatch(
      Supplier<EndOffsets> end,
      BiFunction<EndOffsets, Instant, HeldBackRecords> log,
      InstantSource clock) {
    this.end = end;
    this.log = log;
    this.clock = clock;
  }

  /** Updates the details. Called about every second by one thread at a time. Throws nothing. */
  void tick() {
    try {
      EndOffsets current = end.get();
      Instant now = clock.instant();
      if (current.heldBack() == 0) {
        update(HeldBackRecords.NONE, Optional.empty());
      } else if (isDue(now)) {
        update(log.apply(current, now), Optional.of(now));
      }
      report(now);
    } catch (PipelineException failed) {
      LOG.debug("event=held_back_records_not_read", failed);
    } catch (RuntimeException unexpected) {
      LOG.warn("event=held_back_watch_failed", unexpected);
    }
  }

  private synchronized boolean isDue(Instant now) {
    return asked.filter(last -> now.isBefore(last.plus(INTERVAL))).isEmpty();
  }

  private synchronized void update(HeldBackRecords found, Optional<Instant> at) {
    known = found;
    asked = at;
  }

  /** The number is that of the last check of the log; the details may be a few seconds older. */
  HeldBackRecords current() {
    long count = end.get().heldBack();
    synchronized (this) {
      return count == 0
          ? HeldBackRecords.NONE
          : new HeldBackRecords(count, known.oldest(), known.hanging());
    }
  }

  private synchronized void report(Instant now) {
    List<HangingTransaction> found = known.hanging();
    hanging.retainAll(found);
    if (hanging.addAll(found)) {
      LOG.warn("event=records_held_back reason=\"{}\"", known.message(now));
      isLogged = true;
      logged = Optional.of(now);
    }
    boolean isHeldBack = known.count() > 0;
    if (isHeldBack != isLogged
        && logged.filter(last -> now.isBefore(last.plus(LOG_INTERVAL))).isEmpty()) {
      LOG.info(
          "event={} records={} age_s={}",
          isHeldBack ? "records_held_back" : "records_released",
          known.count(),
          known.age(now).toSeconds());
      isLogged = isHeldBack;
      logged = Optional.of(now);
    }
  }
}
