package io.foldlog.speed;

import io.foldlog.log.LogOffsets;
import io.foldlog.view.LayerPositions;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes the query's position in the keyspace. Thread-safe. */
final class PositionPublisher {

  private static final Logger LOG = LoggerFactory.getLogger(PositionPublisher.class);

  private final LayerPositions table;
  private final String layer;
  private final int decodeVersion;
  private final Supplier<LogOffsets> offsets;

  private final SortedMap<Integer, Long> published = new TreeMap<>();
  private boolean hasFailed;

  /**
   * @param decodeVersion with which the records before the position were read
   * @param offsets the committed offsets
   */
  PositionPublisher(
      LayerPositions table, String layer, int decodeVersion, Supplier<LogOffsets> offsets) {
    this.table = table;
    this.layer = layer;
    this.decodeVersion = decodeVersion;
    this.offsets = offsets;
  }

  /**
   * Publishes the offsets that have changed. A failure is only logged: an outage of Cassandra ends
   * the query only if its writes fail.
   */
  synchronized void publish() {
    LogOffsets current = offsets.get();
    try {
      current
          .byPartition()
          .forEach(
              (partition, next) -> {
                if (!next.equals(published.get(partition))) {
                  table.publish(layer, current.logId().toString(), partition, next, decodeVersion);
                  published.put(partition, next);
                }
              });
      hasFailed = false;
    } catch (RuntimeException failure) {
      if (!hasFailed) {
        LOG.warn("event=position_not_published reason=\"{}\"", failure.getMessage());
      }
      hasFailed = true;
    }
  }
}
