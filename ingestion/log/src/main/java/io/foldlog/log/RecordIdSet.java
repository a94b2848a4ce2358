package io.foldlog.log;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Places in the log, as a bit for each offset near one that was added. For one thread. */
final class RecordIdSet {

  private static final int OFFSETS_A_STRETCH = 1 << 16;

  private final Map<Stretch, BitSet> stretches = new HashMap<>();

  private record Stretch(String topicId, int partition, long number) {}

  /** Adds the id, and returns whether it is new. */
  boolean add(RecordId id) {
    BitSet offsets =
        stretches.computeIfAbsent(
            new Stretch(id.topicId(), id.partition(), id.offset() / OFFSETS_A_STRETCH),
            stretch -> new BitSet());
    int offset = (int) (id.offset() % OFFSETS_A_STRETCH);
    boolean fresh = !offsets.get(offset);
    offsets.set(offset);
    return fresh;
  }
}
