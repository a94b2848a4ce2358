package io.foldlog.log;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The offsets of a topic that every reader passes over, because an operator skipped their records:
 * see {@code foldlog dead-letters skip}.
 *
 * @param ranges for each partition, the ranges of offsets: the first offset and the offset after
 *     the last one; unmodifiable
 */
public record SkippedOffsets(SortedMap<Integer, NavigableMap<Long, Long>> ranges) {

  /** No offset. */
  public static final SkippedOffsets NONE = new SkippedOffsets(new TreeMap<>());

  public SkippedOffsets {
    SortedMap<Integer, NavigableMap<Long, Long>> copy = new TreeMap<>();
    ranges.forEach(
        (partition, each) ->
            copy.put(partition, Collections.unmodifiableNavigableMap(new TreeMap<>(each))));
    ranges = Collections.unmodifiableSortedMap(copy);
  }

  /** Returns these offsets and another one. Adjacent offsets become one range. */
  public SkippedOffsets with(int partition, long offset) {
    SortedMap<Integer, NavigableMap<Long, Long>> changed = new TreeMap<>(ranges);
    NavigableMap<Long, Long> merged = new TreeMap<>(of(partition));
    if (next(partition, offset) == offset) {
      long from = offset;
      Map.Entry<Long, Long> before = merged.lowerEntry(offset);
      if (before != null && before.getValue() == offset) {
        from = before.getKey();
      }
      Long until = merged.remove(offset + 1);
      merged.put(from, until == null ? offset + 1 : until);
    }
    changed.put(partition, merged);
    return new SkippedOffsets(changed);
  }

  /** The first offset from the given one on that is not skipped. */
  public long next(int partition, long offset) {
    Map.Entry<Long, Long> range = of(partition).floorEntry(offset);
    return range == null ? offset : Math.max(offset, range.getValue());
  }

  /** The first skipped offset from the given one on; empty if there is none. */
  public OptionalLong firstFrom(int partition, long offset) {
    if (next(partition, offset) > offset) {
      return OptionalLong.of(offset);
    }
    Long first = of(partition).higherKey(offset);
    return first == null ? OptionalLong.empty() : OptionalLong.of(first);
  }

  /**
   * A range of offsets without a skipped one, and how to read it.
   *
   * @param partition of the topic
   * @param from the first offset
   * @param until the offset after the last one
   * @param maxPollRecords the consumer's {@code max.poll.records}: 1 close to a skipped offset, so
   *     that no poll unpacks the record there
   */
  public record Part(int partition, long from, long until, int maxPollRecords) {}

  /** Splits a range of offsets into parts between skipped offsets. */
  public List<Part> parts(int partition, long from, long until, int maxPollRecords) {
    List<Part> parts = new ArrayList<>();
    long next = next(partition, from);
    while (next < until) {
      long skip = firstFrom(partition, next).orElse(Long.MAX_VALUE);
      long single = Math.max(next, skip - maxPollRecords);
      if (next < Math.min(single, until)) {
        parts.add(new Part(partition, next, Math.min(single, until), maxPollRecords));
      }
      if (single < until) {
        parts.add(new Part(partition, single, Math.min(skip, until), 1));
      }
      next = next(partition, skip);
    }
    return parts;
  }

  private NavigableMap<Long, Long> of(int partition) {
    return ranges.getOrDefault(partition, Collections.emptyNavigableMap());
  }
}
