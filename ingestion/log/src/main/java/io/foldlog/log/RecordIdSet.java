package io.foldlog.log;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A set of record ids. Stores bits for ranges of 65,536 offsets that contain an added id. For one
 * thread.
 */
final class RecordIdSet {

  private static final int OFFSETS_PER_RANGE = 1 << 16;

  private final Map<OffsetRange, BitSet> ranges = new HashMap<>();

  private record OffsetRange(LogId logId, int partition, long number) {}

  /** Adds the id. Returns whether it is new. */
  boolean add(RecordId id) {
    BitSet offsets =
        ranges.computeIfAbsent(
            new OffsetRange(id.logId(), id.partition(), id.offset() / OFFSETS_PER_RANGE),
            range -> new BitSet());
    int offset = (int) (id.offset() % OFFSETS_PER_RANGE);
    boolean isNew = !offsets.get(offset);
    offsets.set(offset);
    return isNew;
  }
}
