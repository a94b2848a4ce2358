package io.foldlog.batch.archive;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.to_date;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.contract.PipelineException;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Appends the log to the table {@code events}, up to the end of the log when the run starts. Each
 * record is stored once and unchanged, in one append. A run that was interrupted can be repeated:
 * the table is then the same as without the interruption.
 */
public final class Archive {

  /** The Delta transaction application id. Delta skips an append whose version it has committed. */
  private static final String TRANSACTION = "foldlog-archive";

  private static final int MAX_ATTEMPTS = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Lake lake;
  private final EventTopic log;
  private final Properties kafka;
  private final String run;
  private final FaultPoints faultPoints;

  /**
   * An archive run.
   *
   * @param kafka the Kafka client properties
   */
  public Archive(Lake lake, EventTopic log, Properties kafka, String run, FaultPoints faultPoints) {
    this.lake = Objects.requireNonNull(lake);
    this.log = Objects.requireNonNull(log);
    this.kafka = Objects.requireNonNull(kafka);
    this.run = Objects.requireNonNull(run);
    this.faultPoints = Objects.requireNonNull(faultPoints);
  }

  /**
   * Runs the step.
   *
   * @throws PipelineException state mismatch, before anything is written, when the log is not the
   *     one that was archived
   */
  public ArchiveFigures run(ArchiveOptions options) {
    LakeTable events = lake.events();
    TopicMetadata identity = log.metadata();
    LogOffsets begin = log.beginningOffsets();
    LogOffsets end = log.endOffsets();
    requireOneTopic(identity, begin, end);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      ArchivePlan plan = new ArchivePlanner(events, log, run, options).plan(identity, begin, end);
      faultPoints.reach("archive.planned");
      if (!plan.hasChanges()) {
        return figures(plan, events.create(plan.after()).latestVersion().orElseThrow());
      }
      Optional<Long> version = append(events, plan);
      if (version.isPresent()) {
        faultPoints.reach("archive.appended");
        return figures(plan, version.get());
      }
    }
    throw BatchLayerErrors.tableKeepsChanging(events.path(), MAX_ATTEMPTS);
  }

  private void requireOneTopic(TopicMetadata identity, LogOffsets begin, LogOffsets end) {
    if (!identity.topicId().equals(begin.topicId()) || !identity.topicId().equals(end.topicId())) {
      throw BatchLayerErrors.topicWasCreatedAgainDuringArchive(log.topic());
    }
  }

  /** Returns the version of the commit. Empty if another writer's commit came before it. */
  private Optional<Long> append(LakeTable events, ArchivePlan plan) {
    long before = events.create(plan.before()).latestVersion().orElseThrow();
    events
        .writer(records(plan), plan.after())
        .option("txnAppId", TRANSACTION)
        .option("txnVersion", plan.after().transaction())
        .mode("append")
        .save(events.path());
    long version = events.latestVersion().orElseThrow();
    Optional<CommitMetadata> committed = events.metadata(version);
    if (version == before || committed.isEmpty() || !committed.get().equals(plan.after())) {
      return Optional.empty();
    }
    long appended = events.metric(version, "numOutputRows").orElse(0L);
    if (appended != plan.records() || !log.metadata().topicId().equals(plan.after().topicId())) {
      CommitMetadata restored = plan.before().afterTransaction(plan.after().transaction());
      events.withMetadata(restored, () -> events.delta().restoreToVersion(before));
      throw BatchLayerErrors.recordsAreMissingInLog(
          log.topic(), plan.from().toString(), plan.until().toString(), appended, plan.records());
    }
    return Optional.of(version);
  }

  private Dataset<Row> records(ArchivePlan plan) {
    SparkSession spark = lake.spark();
    if (plan.records() == 0) {
      return spark.createDataFrame(List.of(), lake.events().schema());
    }
    DataFrameReader reader = spark.read().format("kafka");
    kafka
        .stringPropertyNames()
        .forEach(name -> reader.option("kafka." + name, kafka.getProperty(name)));
    return reader
        .option("kafka.isolation.level", "read_uncommitted")
        .option("assign", json(Map.of(log.topic(), plan.from().byPartition().keySet())))
        .option("startingOffsets", json(Map.of(log.topic(), plan.from().byPartition())))
        .option("endingOffsets", json(Map.of(log.topic(), plan.until().byPartition())))
        .option("includeHeaders", "true")
        .option("failOnDataLoss", "true")
        .load()
        .select(
            lit(plan.after().topicId()).as(EventColumns.TOPIC_ID),
            col("partition").as(EventColumns.PARTITION),
            col("offset").as(EventColumns.OFFSET),
            col("timestamp").as(EventColumns.TIMESTAMP),
            col("timestampType").as(EventColumns.TIMESTAMP_TYPE),
            col("key").as(EventColumns.KEY),
            col("value").as(EventColumns.VALUE),
            col("headers").as(EventColumns.HEADERS),
            to_date(col("timestamp")).as(EventColumns.DAY));
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static ArchiveFigures figures(ArchivePlan plan, long version) {
    return new ArchiveFigures(
        plan.records(),
        plan.from().toString(),
        plan.until().toString(),
        plan.after().topicId(),
        version,
        plan.newGaps());
  }
}
