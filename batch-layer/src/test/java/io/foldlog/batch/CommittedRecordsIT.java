package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.profile;
import static io.foldlog.contract.TestEvents.renamed;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.batch.archive.ArchiveFigures;
import io.foldlog.batch.fold.Fold;
import io.foldlog.batch.fold.FoldFigures;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.batch.reconcile.ReconcileFigures;
import io.foldlog.batch.reconcile.ReconcileOutcome;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions of other producers in the log. */
class CommittedRecordsIT {

  @TempDir Path folder;

  @Test
  void shouldArchiveFoldAndReconcileOnlyCommittedRecords() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      UserEvent first = profile(user(1), NOON, "A");
      UserEvent second = profile(user(2), NOON, "B");
      try (KafkaProducer<byte[], byte[]> producer = pipeline.transactionalProducer()) {
        pipeline.begin(producer, first, second);
        producer.commitTransaction();
        pipeline.begin(producer, renamed(user(1), NOON + 1, "X"), profile(user(3), NOON, "X"));
        producer.abortTransaction();
      }
      pipeline.awaitMarkers();
      view.write(List.of(first, second));

      ArchiveFigures archived = archived(pipeline.runSuccessfully("archive"));
      assertThat(archived.records()).isEqualTo(2);
      assertThat(archived.offsetsWithoutRecords())
          .as("two aborted records, and the markers of both transactions")
          .isBetween(4L, 6L);
      assertThat(archived(pipeline.runSuccessfully("archive")).records()).isZero();
      assertThat(pipeline.rows("events")).hasSize(2);

      RunReport nightly = pipeline.runSuccessfully("nightly", "--scope", "full");
      ReconcileFigures reconciled = nightly.figures(ReconcileFigures.class).orElseThrow();
      assertThat(reconciled.outcome()).isEqualTo(ReconcileOutcome.CLEAN);
      assertThat(reconciled.heldBack().records()).isZero();

      UserEvent third = profile(user(3), NOON, "C");
      pipeline.send(third);
      view.write(List.of(third));
      pipeline.runSuccessfully("archive");
      assertThat(pipeline.rows("events")).hasSize(3);
      assertThat(view.exactDifferences(List.of(first, second, third))).isEmpty();
    }
  }

  @Test
  void shouldArchiveRecordsOfOpenTransactionOnceItIsCommitted() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      UserEvent first = profile(user(1), NOON, "A");
      UserEvent second = renamed(user(1), NOON + 1, "B");
      UserEvent acknowledged = renamed(user(1), NOON + 2, "C");
      pipeline.send(first);
      view.write(List.of(first));
      try (KafkaProducer<byte[], byte[]> producer = pipeline.transactionalProducer()) {
        pipeline.begin(producer, second);
        pipeline.send(acknowledged);

        RunReport report = pipeline.runSuccessfully("archive");
        assertThat(archived(report).records()).isOne();
        JsonNode heldBack = pipeline.reportFile(report).at("/archive/held_back");
        assertThat(heldBack.path("records").asLong()).isEqualTo(2);
        assertThat(heldBack.path("oldest").asText()).startsWith("2").endsWith("Z");
        assertThat(heldBack.path("message").asText())
            .startsWith("2 records are held back by an open transaction");
        pipeline.runSuccessfully("fold");
        ReconcileFigures reconciled =
            pipeline.runSuccessfully("reconcile").figures(ReconcileFigures.class).orElseThrow();
        assertThat(reconciled.outcome()).isEqualTo(ReconcileOutcome.CLEAN);
        assertThat(reconciled.heldBack().records()).isEqualTo(2);

        producer.commitTransaction();
      }
      pipeline.awaitMarkers();
      assertThat(archived(pipeline.runSuccessfully("archive")).records()).isEqualTo(2);
      assertThat(pipeline.rows("events")).hasSize(3).doesNotHaveDuplicates();
    }
  }

  @Test
  @Tag("fault")
  void shouldRemoveUncommittedRecordsFromArchiveOfEarlierRelease() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      UserEvent first = profile(user(1), NOON, "A");
      UserEvent aborted = renamed(user(1), NOON + 3, "aborted");
      UserEvent acknowledged = renamed(user(1), NOON + 2, "acknowledged");
      view.write(List.of(first, aborted, acknowledged));
      pipeline.send(first);
      try (KafkaProducer<byte[], byte[]> producer = pipeline.transactionalProducer()) {
        pipeline.begin(producer, aborted);
        pipeline.send(acknowledged);
        archiveAsEarlierRelease(pipeline);
        assertThat(pipeline.rows("events")).hasSize(3);
        pipeline.runSuccessfully("fold");
        ReconcileFigures folded =
            pipeline.runSuccessfully("reconcile").figures(ReconcileFigures.class).orElseThrow();
        assertThat(folded.outcome())
            .as("the fold is further than the last stable offset")
            .isEqualTo(ReconcileOutcome.CLEAN);

        ArchiveFigures archived = archived(pipeline.runSuccessfully("archive"));
        assertThat(archived.removedAborted()).isEqualTo(2);
        assertThat(archived.heldBack().records()).isEqualTo(2);
        assertThat(pipeline.rows("events")).hasSize(1);
        producer.abortTransaction();
      }
      pipeline.awaitMarkers();

      RunReport nightly = pipeline.runSuccessfully("nightly");
      assertThat(archived(nightly).removedAborted()).isZero();
      assertThat(archived(nightly).records()).isOne();
      assertThat(pipeline.rows("events"))
          .hasSize(2)
          .noneMatch(row -> row.contains("\"offset\":1,"));
      assertThat(nightly.figures(FoldFigures.class).map(FoldFigures::mode))
          .contains(Fold.Mode.FULL);
      ReconcileFigures reconciled = nightly.figures(ReconcileFigures.class).orElseThrow();
      assertThat(reconciled.scope()).isEqualTo("full");
      assertThat(reconciled.outcome()).isEqualTo(ReconcileOutcome.REPAIRED);
      assertThat(view.differences(List.of(first, acknowledged))).isEmpty();
    }
  }

  @Test
  @Tag("fault")
  void shouldCompareArchiveOfEarlierReleaseOnce() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.send(profile(user(1), NOON, "A"));
    try (KafkaProducer<byte[], byte[]> producer = pipeline.transactionalProducer()) {
      pipeline.begin(producer, renamed(user(1), NOON + 1, "aborted"));
      archiveAsEarlierRelease(pipeline);
      producer.abortTransaction();
    }
    pipeline.awaitMarkers();
    pipeline.send(renamed(user(1), NOON + 2, "later"));

    ArchiveFigures archived = archived(pipeline.runSuccessfully("archive"));
    assertThat(archived.removedAborted()).isOne();
    assertThat(archived.records()).isOne();
    assertThat(pipeline.rows("events")).hasSize(2);
    pipeline.runSuccessfully("fold");
    pipeline.runSuccessfully("maintain");
    assertThat(archived(pipeline.runSuccessfully("archive")).removedAborted()).isZero();
    assertThat(pipeline.runSuccessfully("fold").figures(FoldFigures.class).map(FoldFigures::mode))
        .contains(Fold.Mode.NEW_EVENTS);
  }

  /** Archives all records, also those of open transactions, and stores only offsets. */
  private static void archiveAsEarlierRelease(BatchPipeline pipeline) {
    try (EventTopic log = pipeline.topic().open()) {
      LogOffsets end = log.end().highWatermarks();
      CommitMetadata metadata =
          CommitMetadata.undecoded(
              "earlier", end.topicId(), LakeOffsets.NONE.with(end), 1, List.of());
      pipeline.query(
          lake -> {
            LakeTable events = lake.events().create(CommitMetadata.NONE);
            events
                .writer(
                    lake.spark()
                        .read()
                        .format("kafka")
                        .option("kafka.bootstrap.servers", log(pipeline))
                        .option("kafka.isolation.level", "read_uncommitted")
                        .option("subscribe", pipeline.topic().name())
                        .option("includeHeaders", "true")
                        .load()
                        .withColumn("topic_id", functions.lit(end.topicId()))
                        .withColumnRenamed("timestampType", "timestamp_type")
                        .withColumn("day", functions.to_date(functions.col("timestamp")))
                        .selectExpr(events.schema().fieldNames()),
                    metadata)
                .mode("append")
                .save(events.path());
            return null;
          });
    }
  }

  private static String log(BatchPipeline pipeline) {
    return pipeline.topic().clients().bootstrapServers();
  }

  private static ArchiveFigures archived(RunReport report) {
    return report.figures(ArchiveFigures.class).orElseThrow();
  }
}
