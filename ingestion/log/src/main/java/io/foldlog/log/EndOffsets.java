package io.foldlog.log;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where a log ends.
 *
 * @param offsets of every partition the offset that the next record will have
 * @param leaderEpochs of every partition how often its leader has changed; only then can records
 *     that were acknowledged be lost
 */
public record EndOffsets(LogOffsets offsets, SortedMap<Integer, Integer> leaderEpochs) {

  public EndOffsets {
    Objects.requireNonNull(offsets);
    leaderEpochs = Collections.unmodifiableSortedMap(new TreeMap<>(leaderEpochs));
  }
}
