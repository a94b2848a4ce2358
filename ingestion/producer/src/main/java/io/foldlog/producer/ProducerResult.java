package io.foldlog.producer;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.foldlog.contract.EventType;
import io.foldlog.log.SendCounters;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * The result of a producer run.
 *
 * @param source the source of the events
 * @param sent events passed to Kafka's client
 * @param acknowledged events that all in-sync replicas have acknowledged
 * @param failed events that the topic may lack
 * @param registered acknowledged registrations
 * @param updated acknowledged updates
 * @param deleted acknowledged deletions
 * @param seconds time from the first event to the last acknowledgement
 * @param ended why the run ended
 */
public record ProducerResult(
    String source,
    long sent,
    long acknowledged,
    long failed,
    long registered,
    long updated,
    long deleted,
    double seconds,
    End ended) {

  /** Why a run ended. */
  public enum End {
    /** {@code --count} events were sent. */
    COUNT,
    /** {@code --duration} has elapsed. */
    DURATION,
    /** The source had no more events. */
    SOURCE_EXHAUSTED,
    /** A stop was requested. */
    STOPPED,
    /** The source or Kafka failed. */
    FAILURE
  }

  public ProducerResult {
    Objects.requireNonNull(source);
    Objects.requireNonNull(ended);
  }

  static ProducerResult of(String source, SendCounters counters, Duration took, End ended) {
    return new ProducerResult(
        source,
        counters.sent(),
        counters.acknowledged(),
        counters.failed(),
        counters.byType().get(EventType.REGISTERED),
        counters.byType().get(EventType.UPDATED),
        counters.byType().get(EventType.DELETED),
        took.toNanos() / 1e9,
        ended);
  }

  /** The result as one line for a user. */
  @JsonIgnore
  String line() {
    return String.format(
        Locale.ROOT,
        "source=%s sent=%d acknowledged=%d failed=%d registered=%d updated=%d deleted=%d seconds=%.3f events_per_second=%.1f ended=%s",
        source,
        sent,
        acknowledged,
        failed,
        registered,
        updated,
        deleted,
        seconds,
        acknowledged / Math.max(seconds, 1e-3),
        ended.name().toLowerCase(Locale.ROOT));
  }
}
