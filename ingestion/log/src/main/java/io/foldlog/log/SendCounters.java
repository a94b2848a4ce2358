package io.foldlog.log;

import io.foldlog.contract.EventType;
import java.util.Map;

/**
 * What became of the events of a run.
 *
 * @param sent events handed to the log's client
 * @param acknowledged events that the log has, replicated as its settings ask
 * @param failed events that it may lack
 * @param byType how many were acknowledged, of each type
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
