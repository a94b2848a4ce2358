package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.profile;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.archive.ArchiveFigures;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.batch.lake.AcceptedGap;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.batch.reconcile.ReconcileFigures;
import io.foldlog.batch.reconcile.ReconcileOutcome;
import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.TimestampSource;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.LogId;
import io.foldlog.log.LogPosition;
import io.foldlog.log.LogRecord;
import io.foldlog.log.PartitionPosition;
import io.foldlog.log.PartitionPosition.LastRecord;
import io.foldlog.log.RecordId;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.StopSignal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log whose content is not the one that was archived. */
class ReplacedLogIT {

  @TempDir Path folder;

  @Test
  @Tag("fault")
  void shouldArchiveReplacedLogUnderNewIdWhenAccepted() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      UserEvent lost = profile(user(2), NOON, "lost by the brokers");
      UserEvent replacing = profile(user(1), NOON, "took its place");
      pipeline.send(replacing);
      pipeline.runSuccessfully("archive");
      String topicId = replaceArchivedRecord(pipeline, EventEncoder.value(lost));
      pipeline.runSuccessfully("fold", "--full");
      view.write(List.of(lost, replacing));

      ApplicationResult refused = pipeline.run("archive");
      assertThat(refused.status()).isEqualTo(ExitStatus.STATE_MISMATCH);
      assertThat(refused.message())
          .contains("The record at offset 0 of partition ", "is not the one that was archived")
          .contains("archive --accept-gap");
      assertThat(pipeline.run("reconcile").message()).contains("which were folded");

      ArchiveFigures archived =
          pipeline
              .runSuccessfully("archive", "--accept-gap")
              .figures(ArchiveFigures.class)
              .orElseThrow();
      assertThat(archived.topicId()).isEqualTo(topicId + "#1");
      assertThat(archived.records()).isOne();
      assertThat(archived.acceptedGaps())
          .allSatisfy(
              gap -> {
                assertThat(gap.topicId()).isEqualTo(topicId);
                assertThat(gap.kind()).isEqualTo(AcceptedGap.Kind.DIFFERING);
                assertThat(gap.until()).isEmpty();
              })
          .isNotEmpty();
      assertThat(logIds(pipeline)).containsExactlyInAnyOrder(topicId, topicId + "#1");
      pipeline.runSuccessfully("archive");
      assertThat(logIds(pipeline)).hasSize(2);

      RunReport nightly = pipeline.runSuccessfully("nightly", "--scope", "full");
      assertThat(nightly.figures(ReconcileFigures.class).map(ReconcileFigures::outcome))
          .contains(ReconcileOutcome.CLEAN);
      assertThat(view.exactDifferences(List.of(lost, replacing))).isEmpty();
    }
  }

  @Test
  void shouldDetectRecordThatDiffersOnlyInHeaders() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.sendRaw(0, null, null);
    pipeline.runSuccessfully("archive");
    CommitMetadata archived = pipeline.query(lake -> lake.events().metadata());
    LogId logId = LogId.parse(archived.logId());
    Row row = pipeline.query(lake -> lake.events().read().first());
    LogRecord other =
        new LogRecord(
            new RecordId(logId, 0, 0),
            TimestampSource.LOG_APPEND_TIME,
            row.<Instant>getAs("timestamp").toEpochMilli(),
            null,
            null,
            List.of(
                new RecordHeader("ce_type", "user.deleted.v1".getBytes(StandardCharsets.UTF_8))));
    setLastRecord(pipeline, new LastRecord(0, other.fingerprint()), Map.of("offset", "offset"));

    ApplicationResult refused = pipeline.run("archive");
    assertThat(refused.status()).isEqualTo(ExitStatus.STATE_MISMATCH);
    assertThat(refused.message()).contains("is not the one that was archived");
  }

  @Test
  @Tag("fault")
  void shouldUndoAppendOfLogThatChangedMeanwhile() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.send(profile(user(1), NOON, "A"));
    pipeline.runSuccessfully("archive");
    List<String> before = pipeline.rows("events");
    pipeline.send(profile(user(2), NOON, "B"));
    FaultPoints compacting =
        faultPoint -> {
          if (faultPoint.equals("archive.planned")) {
            setCleanupPolicy(pipeline, "compact");
          }
        };

    ApplicationResult refused =
        pipeline.run(
            BatchLayerInProcess.environment().withFaultPoints(compacting),
            new StopSignal(),
            "archive");
    assertThat(refused.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(refused.message()).contains("is compacted");
    assertThat(pipeline.rows("events")).isEqualTo(before);

    setCleanupPolicy(pipeline, "delete");
    pipeline.runSuccessfully("archive");
    assertThat(pipeline.rows("events")).hasSize(2);
    pipeline.runSuccessfully("fold");
    pipeline.runSuccessfully("maintain");
  }

  /** Earlier releases continued the archive of a replaced log under the same id. */
  @Test
  @Tag("fault")
  void shouldArchiveWhatTookThePlacesInArchiveOfEarlierRelease() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.send(profile(user(1), NOON, "took the place"));
    pipeline.runSuccessfully("archive");
    String topicId =
        replaceArchivedRecord(pipeline, EventEncoder.value(profile(user(2), NOON, "lost")));
    CommitMetadata known = pipeline.query(lake -> lake.events().metadata());
    int partition = BatchPipeline.partition(user(1));
    CommitMetadata earlier =
        CommitMetadata.undecoded(
            "earlier",
            topicId,
            known.offsets(),
            known.transaction(),
            List.of(
                new AcceptedGap(
                    topicId,
                    partition,
                    0,
                    OptionalLong.of(1),
                    OptionalLong.empty(),
                    AcceptedGap.Kind.DIFFERING,
                    "earlier")));
    commit(pipeline, earlier, Map.of("offset", "offset"));

    ArchiveFigures archived =
        pipeline.runSuccessfully("archive").figures(ArchiveFigures.class).orElseThrow();
    assertThat(archived.records()).isOne();
    assertThat(archived.removedAborted()).isZero();
    assertThat(logIds(pipeline)).containsExactlyInAnyOrder(topicId, topicId + "#1");
    CommitMetadata after = pipeline.query(lake -> lake.events().metadata());
    assertThat(after.gaps()).hasSize(1);
    assertThat(after.gaps().get(0).until()).as("the end of the lost records").isEmpty();
    assertThat(after.offsets().byLog().get(topicId + "#1")).containsEntry(partition, 1L);
    pipeline.runSuccessfully("archive");
    pipeline.runSuccessfully("fold");
    pipeline.runSuccessfully("maintain");
    assertThat(pipeline.rows("users")).hasSize(2);
  }

  @Test
  void shouldContinueArchiveOfEarlierReleaseWithoutPositions() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.send(profile(user(1), NOON, "A"));
    pipeline.runSuccessfully("archive");
    CommitMetadata known = pipeline.query(lake -> lake.events().metadata());
    commit(
        pipeline,
        CommitMetadata.undecoded(
            "earlier", known.logId(), known.offsets(), known.transaction(), List.of()),
        Map.of("offset", "offset"));
    pipeline.runSuccessfully("archive");
    CommitMetadata after = pipeline.query(lake -> lake.events().metadata());
    assertThat(after.offsets()).isEqualTo(known.offsets());
    int partition = BatchPipeline.partition(user(1));
    LogId logId = LogId.parse(known.logId());
    assertThat(lastRecord(after, logId, partition)).isEqualTo(lastRecord(known, logId, partition));

    commit(
        pipeline,
        CommitMetadata.undecoded(
            "earlier", known.logId(), known.offsets(), after.transaction(), List.of()),
        Map.of("value", "X'07'"));
    assertThat(pipeline.run("archive").message()).contains("is not the one that was archived");
  }

  private static LastRecord lastRecord(CommitMetadata metadata, LogId logId, int partition) {
    return metadata.position(logId).orElseThrow().byPartition().get(partition).lastRecord();
  }

  /**
   * Replaces the only archived record, as if the log had held another one. Returns the topic id.
   */
  private static String replaceArchivedRecord(BatchPipeline pipeline, byte[] value) {
    CommitMetadata known = pipeline.query(lake -> lake.events().metadata());
    LogId logId = LogId.parse(known.logId());
    int partition = BatchPipeline.partition(user(1));
    setLastRecord(
        pipeline,
        new LastRecord(0, lastRecord(known, logId, partition).fingerprint() + 1),
        Map.of("key", "null", "value", "X'%s'".formatted(HexFormat.of().formatHex(value))));
    return logId.topicId();
  }

  private static void setLastRecord(
      BatchPipeline pipeline, LastRecord last, Map<String, String> changes) {
    CommitMetadata known = pipeline.query(lake -> lake.events().metadata());
    LogPosition position = known.position(LogId.parse(known.logId())).orElseThrow();
    for (Map.Entry<Integer, PartitionPosition> partition : position.byPartition().entrySet()) {
      PartitionPosition before = partition.getValue();
      if (before.last().isPresent()) {
        position =
            position.with(
                partition.getKey(),
                new PartitionPosition(before.nextOffset(), before.leaderEpoch(), last));
      }
    }
    commit(pipeline, known.corrected("test", position, known.records()), changes);
  }

  private static void commit(
      BatchPipeline pipeline, CommitMetadata metadata, Map<String, String> changes) {
    pipeline.query(
        lake -> {
          LakeTable events = lake.events();
          return events.withMetadata(
              metadata,
              () -> {
                events.delta().updateExpr(changes);
                return null;
              });
        });
  }

  private static List<String> logIds(BatchPipeline pipeline) {
    return pipeline.query(
        lake ->
            lake.events().read().select("topic_id").collectAsList().stream()
                .map(row -> row.getString(0))
                .toList());
  }

  private static void setCleanupPolicy(BatchPipeline pipeline, String policy) {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, pipeline.topic().name());
    try (Admin admin = pipeline.topic().clients().admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  topic,
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET))))
          .all()
          .get();
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }
}
