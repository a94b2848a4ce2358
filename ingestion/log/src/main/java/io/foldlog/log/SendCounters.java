package io.foldlog.log;

import io.foldlog.contract.EventType;
import java.util.Map;

/**
 * The counters of the sent events of a run.
 *
 * @param sent events passed to Kafka's client
 * @param acknowledged events that all in-sync replicas have acknowledged
 * @param failed events that the log may lack
 * @param byType acknowledged events by type
 */
public record SendCounters(long sent, long acknowledged, long failed, Map<EventType, Long> byType) {

  public SendCounters {
    byType = Map.copyOf(byType);
    if (sent != acknowledged + failed) {
      throw new IllegalStateException(
          "%d sent, but %d acknowledged and %d failed".formatted(sent, acknowledged, failed));
    }
  }
}
