package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.LogId;
import io.foldlog.log.LogLoss;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PartitionPosition;
import io.foldlog.log.PartitionPosition.LastRecord;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.StopSignal;
import io.foldlog.speed.meters.DriverMeters;
import io.foldlog.speed.sink.TaskCommit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitGateTest {

  private static final TopicMetadata TOPIC =
      new TopicMetadata("users", "id", 2, TimestampSource.LOG_APPEND_TIME, 1 << 20);
  private static final Duration OUTAGE_TIMEOUT = Duration.ofSeconds(10);
  private static final TaskCommit NO_RECORDS = new TaskCommit.NoRecords();

  @TempDir private Path parent;
  private Checkpoint checkpoint;
  private final FakeLog log = new FakeLog();
  private final StopSignal stop = new StopSignal();
  private final FirstFailure failure = new FirstFailure();
  private final AtomicLong nanos = new AtomicLong();
  private CommitGate gate;

  /** A log with settable end offsets. Its first {@code failuresLeft} requests fail after 6 s. */
  private final class FakeLog implements ObservedLog {
    private EndOffsets end = logEnd("id", 100, 100, 0);
    private PipelineException failure;
    private int failuresLeft;
    private final List<LogPosition> checked = new ArrayList<>();
    private List<LogLoss> losses = List.of();
    private final List<Map<Integer, Long>> probed = new ArrayList<>();
    private LogOffsets nextRecords = offsets("id", 100, 100);

    @Override
    public EndOffsets end() {
      if (failuresLeft > 0) {
        failuresLeft--;
        nanos.addAndGet(Duration.ofSeconds(6).toNanos());
        throw PipelineException.unavailable("Kafka does not answer", null);
      }
      if (failure != null) {
        throw failure;
      }
      return end;
    }

    @Override
    public List<LogLoss> losses(LogPosition position, EndOffsets ends) {
      checked.add(position);
      return losses;
    }

    @Override
    public LogOffsets nextRecords(LogOffsets from, LogOffsets until) {
      probed.add(from.byPartition());
      return nextRecords;
    }
  }

  private static LogOffsets offsets(String topicId, long zero, long one) {
    return new LogOffsets(LogId.of(topicId), new TreeMap<>(Map.of(0, zero, 1, one)));
  }

  private static EndOffsets logEnd(String topicId, long zero, long one, int leaderEpoch) {
    return new EndOffsets(
        offsets(topicId, zero, one),
        offsets(topicId, zero, one),
        new TreeMap<>(Map.of(0, leaderEpoch, 1, 0)));
  }

  private static TaskCommit records(int partition, long nextOffset, long written, long rejected) {
    return new TaskCommit.Records(
        partition, nextOffset, 4711, written + rejected, written, rejected);
  }

  @BeforeEach
  void setUp() {
    checkpoint = new Checkpoint(parent.resolve("checkpoint"));
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    gate =
        new CommitGate(
            TriggerMode.CONTINUOUS,
            OUTAGE_TIMEOUT,
            checkpoint,
            log,
            new StartPosition(
                TOPIC,
                LogPosition.none(LogId.of("id"))
                    .with(0, new PartitionPosition(0, 0, null))
                    .with(1, new PartitionPosition(7, 0, null)),
                log.end),
            new DriverMeters(),
            stop,
            failure,
            nanos::get);
  }

  private void assertQueryFails(PipelineException.Kind kind, String message) {
    assertThatThrownBy(() -> gate.committing(3, List.of(records(0, 5, 5, 0))))
        .isInstanceOfSatisfying(
            PipelineException.class, thrown -> assertThat(thrown.kind()).isEqualTo(kind))
        .hasMessageContaining(message)
        .satisfies(thrown -> assertThat(failure.get()).containsSame((PipelineException) thrown));
    assertThat(gate.commits()).isZero();
    assertThat(checkpoint.position()).isEmpty();
  }

  @Test
  void shouldStartAtGivenPosition() {
    QueryProgress progress = gate.progress();

    assertThat(progress.epoch()).isEmpty();
    assertThat(progress.offsets().byPartition()).isEqualTo(Map.of(0, 0L, 1, 7L));
    assertThat(progress.lag()).isEqualTo(193);
  }

  @Test
  void shouldCountCommitsAndStorePosition() {
    gate.committing(3, List.of(records(0, 5, 4, 1), NO_RECORDS));
    gate.committing(4, List.of(NO_RECORDS, records(1, 9, 2, 0)));
    gate.committing(5, List.of(NO_RECORDS, NO_RECORDS));

    QueryProgress progress = gate.progress();
    assertThat(progress.epoch()).isEqualTo(OptionalLong.of(5));
    assertThat(progress.read()).isEqualTo(7);
    assertThat(progress.written()).isEqualTo(6);
    assertThat(progress.rejected()).isEqualTo(1);
    assertThat(progress.offsets().byPartition()).isEqualTo(Map.of(0, 5L, 1, 9L));
    assertThat(gate.commits()).isEqualTo(3);
    assertThat(checkpoint.position().orElseThrow().byPartition())
        .isEqualTo(
            Map.of(
                0, new PartitionPosition(5, 0, new LastRecord(4, 4711)),
                1, new PartitionPosition(9, 0, new LastRecord(8, 4711))));
  }

  @Test
  void shouldCommitAfterShortOutage() {
    log.failuresLeft = 1;

    gate.committing(3, List.of(records(0, 5, 5, 0)));

    assertThat(gate.commits()).isEqualTo(1);
    assertThat(failure.get()).isEmpty();
  }

  @Test
  void shouldFailQueryAfterOutageTimeout() {
    log.failuresLeft = 3;

    assertQueryFails(PipelineException.Kind.UNAVAILABLE, "Kafka does not answer");
  }

  @Test
  void shouldNotCommitWhenStopIsRequestedDuringOutage() {
    log.failuresLeft = 3;
    stop.request(ExitStatus.TERMINATED);

    assertThatThrownBy(() -> gate.committing(3, List.of(records(0, 5, 5, 0))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("without this commit");
    assertThat(failure.get()).isEmpty();
    assertThat(gate.commits()).isZero();
  }

  @Test
  void shouldFailQueryWhenTopicWasCreatedAgain() {
    log.end = logEnd("id-2", 100, 100, 0);

    assertQueryFails(PipelineException.Kind.STATE_MISMATCH, "was deleted and created again");
  }

  @Test
  void shouldFailQueryWhenLogLostReadRecords() {
    log.end = logEnd("id", 100, 6, 0);

    assertQueryFails(
        PipelineException.Kind.STATE_MISMATCH, "offsets 6 to 6 of partition 1 were read");
  }

  @Test
  void shouldFailQueryWhenCheckpointWasRemoved() throws Exception {
    Files.delete(checkpoint.folder().resolve(CheckpointBinding.FILE_NAME));

    assertThatThrownBy(() -> gate.committing(3, List.of(NO_RECORDS)))
        .hasMessageContaining("was removed while the speed layer ran");
    assertThat(failure.get()).isPresent();
  }

  @Test
  void shouldCompareLogWithPositionOnlyAfterChangeOfLeaders() {
    gate.committing(3, List.of(records(0, 5, 5, 0)));
    gate.check();
    assertThat(log.checked).isEmpty();

    log.end = logEnd("id", 200, 100, 1);
    gate.check();
    gate.check();
    assertThat(log.checked)
        .extracting(position -> position.byPartition().get(0))
        .containsExactly(new PartitionPosition(5, 0, new LastRecord(4, 4711)));
  }

  @Test
  void shouldCompareRecordsOfEarlierLeaderWithLogBeforeCommit() {
    log.end = logEnd("id", 200, 100, 1);
    gate.requireUnchangedLog();
    log.checked.clear();

    // at the last commit the high watermark was 100
    gate.committing(3, List.of(records(0, 150, 150, 0)));
    assertThat(log.checked)
        .extracting(position -> position.byPartition().get(0))
        .containsExactly(
            new PartitionPosition(100, 0, null),
            new PartitionPosition(150, null, new LastRecord(149, 4711)));
    assertThat(checkpoint.position().orElseThrow().byPartition().get(0))
        .isEqualTo(new PartitionPosition(150, 1, new LastRecord(149, 4711)));

    gate.committing(4, List.of(records(0, 151, 1, 0)));
    assertThat(log.checked).hasSize(2);
  }

  @Test
  void shouldNotCommitRecordsThatNewLeaderLost() {
    log.end = logEnd("id", 100, 100, 1);
    log.losses = List.of(new LogLoss(LogLoss.Type.LAST_RECORD_REPLACED, 0, 4, 5));

    assertQueryFails(
        PipelineException.Kind.STATE_MISMATCH,
        "the record at offset 4 of partition 0 is not the one that was read there");
  }

  @Test
  void shouldJudgeEndByHighWatermark() {
    log.end = new EndOffsets(offsets("id", 0, 3), offsets("id", 100, 100), log.end.leaderEpochs());

    gate.committing(3, List.of(NO_RECORDS));

    assertThat(failure.get()).isEmpty();
    assertThat(gate.progress().lag()).isZero();
  }

  @Test
  void shouldPassOnUsageErrorOfCompactedTopic() {
    log.failure = PipelineException.usageError("Topic users is compacted");

    assertQueryFails(PipelineException.Kind.USAGE_ERROR, "Topic users is compacted");
  }

  @Test
  void shouldMovePastOffsetsWithoutRecordWhenNothingWasCommitted() {
    log.nextRecords = offsets("id", 40, 100);
    gate.committing(3, List.of(records(0, 5, 5, 0)));
    gate.check(); // partition 0 has made progress
    assertThat(log.probed).containsExactly(Map.of(1, 7L));
    assertThat(gate.progress().offsets()).isEqualTo(offsets("id", 5, 100));

    gate.check();
    assertThat(gate.progress().offsets()).isEqualTo(offsets("id", 40, 100));
    assertThat(checkpoint.position().orElseThrow().byPartition())
        .isEqualTo(
            Map.of(
                0, new PartitionPosition(40, 0, new LastRecord(4, 4711)),
                1, new PartitionPosition(100, 0, null)));

    // offset 40 holds a record
    gate.check();
    gate.check();
    assertThat(log.probed).hasSize(2);
  }

  @Test
  void shouldNotMoveBackwards() {
    log.nextRecords = offsets("id", 1, 2);

    gate.check();

    assertThat(gate.progress().offsets()).isEqualTo(offsets("id", 1, 7));
    gate.committing(3, List.of(records(1, 6, 1, 0)));
    assertThat(gate.progress().offsets()).isEqualTo(offsets("id", 1, 7));
  }

  @Test
  void shouldMovePastTrailingOffsetsWithoutRecordAtEndOfQuery() {
    gate.committing(3, List.of(records(0, 99, 99, 0)));

    gate.finish();

    assertThat(gate.progress().lag()).isZero();
    assertThat(checkpoint.position().orElseThrow().offsets()).isEqualTo(offsets("id", 100, 100));
  }

  @Test
  void shouldFailContinuousQueryWhenPartitionsWereAdded() {
    gate.starting(2);
    assertThat(failure.get()).isEmpty();

    assertThatThrownBy(() -> gate.starting(3)).hasMessageContaining("has 3 partitions now");
    assertThat(failure.get()).isPresent();
  }
}
