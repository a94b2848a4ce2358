package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.HeldBackRecords.HangingTransaction;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HeldBackWatchTest {

  private static final Instant OLDEST = Instant.parse("2026-01-02T03:00:00Z");
  private static final HangingTransaction HANGING = new HangingTransaction(0, 5, 4711, "command");

  private Instant now = OLDEST.plusSeconds(60);
  private EndOffsets end = end(5, 5);
  private int requests;
  private HeldBackRecords answer = new HeldBackRecords(2, Optional.of(OLDEST), List.of());
  private final HeldBackWatch watch = new HeldBackWatch(() -> end, this::ask, () -> now);

  private HeldBackRecords ask(EndOffsets of, Instant at) {
    requests++;
    if (answer == null) {
      throw PipelineException.unavailable("Kafka does not answer", null);
    }
    return answer;
  }

  private static EndOffsets end(long stable, long highWatermark) {
    return new EndOffsets(offsets(stable), offsets(highWatermark), new TreeMap<>());
  }

  private static LogOffsets offsets(long offset) {
    return new LogOffsets(LogId.of("id"), new TreeMap<>(Map.of(0, offset)));
  }

  @Test
  void shouldAskNothingWhileNoRecordIsHeldBack() {
    watch.tick();

    assertThat(requests).isZero();
    assertThat(watch.current()).isEqualTo(HeldBackRecords.NONE);
  }

  @Test
  void shouldReportCurrentNumberAndAskForDetailsEveryFewSeconds() {
    end = end(5, 7);
    watch.tick();
    end = end(5, 9);
    now = now.plus(HeldBackWatch.INTERVAL).minusMillis(1);
    watch.tick();

    assertThat(requests).isEqualTo(1);
    assertThat(watch.current()).isEqualTo(new HeldBackRecords(4, Optional.of(OLDEST), List.of()));

    now = now.plusMillis(1);
    answer = new HeldBackRecords(4, Optional.of(OLDEST), List.of(HANGING));
    watch.tick();
    assertThat(requests).isEqualTo(2);
    assertThat(watch.current().message(now)).contains("producer with id 4711", "command");
  }

  @Test
  void shouldForgetDetailsWhenTransactionEnds() {
    end = end(5, 7);
    watch.tick();
    end = end(8, 8);
    assertThat(watch.current()).isEqualTo(HeldBackRecords.NONE);

    watch.tick();
    end = end(8, 9);
    watch.tick();
    assertThat(requests).isEqualTo(2);
  }

  @Test
  void shouldKeepDetailsWhileKafkaDoesNotAnswer() {
    end = end(5, 7);
    watch.tick();
    answer = null;
    now = now.plus(HeldBackWatch.INTERVAL);
    watch.tick();

    assertThat(watch.current().oldest()).contains(OLDEST);
  }
}
