package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.log.SkippedOffsets.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class SkippedOffsetsTest {

  private static final int PARTITION = 3;

  @Property(tries = 500)
  void shouldFindTheNextOffsetAsASetWould(
      @ForAll @Size(max = 12) Set<@LongRange(max = 20) Long> offsets,
      @ForAll @LongRange(max = 22) long from) {
    SkippedOffsets skipped = SkippedOffsets.NONE;
    for (long offset : offsets) {
      skipped = skipped.with(PARTITION, offset);
    }
    long next = from;
    while (offsets.contains(next)) {
      next++;
    }
    assertThat(skipped.next(PARTITION, from)).isEqualTo(next);
    assertThat(skipped.next(PARTITION + 1, from)).isEqualTo(from);
    Long first = new TreeSet<>(offsets).ceiling(from);
    assertThat(skipped.firstFrom(PARTITION, from).isPresent()).isEqualTo(first != null);
    if (first != null) {
      assertThat(skipped.firstFrom(PARTITION, from)).hasValue(first);
    }
  }

  @Property(tries = 500)
  void shouldSplitARangeIntoPartsThatHoldAllOtherOffsetsAndPollNoSkippedOne(
      @ForAll @Size(max = 8) Set<@LongRange(max = 40) Long> offsets,
      @ForAll @LongRange(max = 40) long from,
      @ForAll @LongRange(max = 45) long until,
      @ForAll @IntRange(min = 1, max = 10) int maxPollRecords) {
    SkippedOffsets skipped = SkippedOffsets.NONE;
    for (long offset : offsets) {
      skipped = skipped.with(PARTITION, offset);
    }
    List<Long> read = new ArrayList<>();
    for (Part part : skipped.parts(PARTITION, from, until, maxPollRecords)) {
      assertThat(part.from()).isLessThan(part.until());
      for (long offset = part.from(); offset < part.until(); offset++) {
        read.add(offset);
      }
      // the last poll of a part may return records past its end
      for (long polled = part.until();
          polled < part.until() - 1 + part.maxPollRecords();
          polled++) {
        assertThat(offsets).doesNotContain(polled);
      }
    }
    assertThat(read)
        .isEqualTo(
            LongStream.range(from, until).filter(each -> !offsets.contains(each)).boxed().toList());
  }

  @Property(tries = 200)
  void shouldJoinAdjacentOffsets(@ForAll @Size(max = 12) Set<@LongRange(max = 20) Long> offsets) {
    SkippedOffsets skipped = SkippedOffsets.NONE;
    for (long offset : offsets) {
      skipped = skipped.with(PARTITION, offset);
    }
    long ranges = offsets.stream().filter(offset -> !offsets.contains(offset - 1)).count();
    assertThat(skipped.ranges().values().stream().mapToInt(range -> range.size()).sum())
        .isEqualTo((int) ranges);
  }
}
