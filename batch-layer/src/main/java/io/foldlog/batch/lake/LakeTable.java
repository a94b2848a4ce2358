package io.foldlog.batch.lake;

import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.contract.PipelineException;
import io.foldlog.lake.LakeSchema;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.CommitInfo;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * One Delta table of the lake. Each commit has a {@link CommitMetadata}. The newest one describes
 * the table.
 */
public final class LakeTable {

  /** The setting for the metadata of the next commits, for operations without an option for it. */
  private static final String METADATA_SETTING = "spark.databricks.delta.commitInfo.userMetadata";

  /** Whether Delta stores the file list of a small table in the checksum. */
  private static final String FILES_IN_CHECKSUM = "spark.databricks.delta.allFilesInCrc.enabled";

  private final SparkSession spark;
  private final Path folder;
  private final StructType schema;
  private final List<String> partitionedBy;
  private final int indexedColumns;

  LakeTable(SparkSession spark, Path folder, LakeSchema table) {
    this.spark = Objects.requireNonNull(spark);
    this.folder = Objects.requireNonNull(folder);
    this.schema = SparkSchema.of(table);
    this.partitionedBy = table.partitionedBy();
    this.indexedColumns = table.indexedColumns();
  }

  public String name() {
    return folder.getName();
  }

  public String path() {
    return folder.toString();
  }

  public StructType schema() {
    return schema;
  }

  public boolean exists() {
    return latestVersion().isPresent();
  }

  /** Creates an empty table if it does not exist. */
  public LakeTable create(CommitMetadata metadata) {
    if (!exists()) {
      // without this setting, Delta runs a query to write an empty file list to the checksum
      with(FILES_IN_CHECKSUM, "false", () -> withMetadata(metadata, this::createEmpty));
    }
    return this;
  }

  private DeltaTable createEmpty() {
    DeltaTableBuilder builder =
        DeltaTable.createIfNotExists(spark).location(path()).addColumns(schema);
    for (String column : partitionedBy) {
      builder = builder.partitionedBy(column);
    }
    // statistics of wide columns cost more than they save
    return builder
        .property("delta.dataSkippingNumIndexedCols", Integer.toString(indexedColumns))
        .property("delta.logRetentionDuration", "interval 365 days")
        .property("delta.checkpointInterval", "20")
        .execute();
  }

  /** Reads the newest version. Empty if the table does not exist. */
  public Dataset<Row> read() {
    return exists()
        ? spark.read().format("delta").load(path())
        : spark.createDataFrame(List.of(), schema);
  }

  public Dataset<Row> read(long version) {
    return spark.read().format("delta").option("versionAsOf", version).load(path());
  }

  public DeltaTable delta() {
    return DeltaTable.forPath(spark, path());
  }

  /** Creates a writer. Its commit has the metadata. */
  public DataFrameWriter<Row> writer(Dataset<Row> rows, CommitMetadata metadata) {
    return rows.write().format("delta").option("userMetadata", metadata.toJson());
  }

  /**
   * Replaces all rows in one commit with the metadata. Columns that the table does not have are
   * added at its end.
   */
  public void replace(Dataset<Row> rows, CommitMetadata metadata) {
    // append to an empty table: an overwrite would run two more Spark jobs to find files to remove
    writer(rows, metadata)
        .option("mergeSchema", true)
        .mode(files() == 0 ? "append" : "overwrite")
        .save(path());
  }

  /** Runs a Delta operation. Each of its commits has the metadata. */
  public <T> T withMetadata(CommitMetadata metadata, Supplier<T> operation) {
    return with(METADATA_SETTING, metadata.toJson(), operation);
  }

  private <T> T with(String setting, String value, Supplier<T> operation) {
    Option<String> before = spark.conf().getOption(setting);
    spark.conf().set(setting, value);
    try {
      return operation.get();
    } finally {
      if (before.isDefined()) {
        spark.conf().set(setting, before.get());
      } else {
        spark.conf().unset(setting);
      }
    }
  }

  /** The newest version. Empty if the table does not exist. */
  public Optional<Long> latestVersion() {
    long version = snapshot().version();
    return version < 0 ? Optional.empty() : Optional.of(version);
  }

  /** When the table was created. Empty if it does not exist. */
  public Optional<Instant> created() {
    return exists()
        ? asJava(snapshot().metadata().createdTime())
            .map(Long.class::cast)
            .map(Instant::ofEpochMilli)
        : Optional.empty();
  }

  /**
   * The metadata of the newest commit that has it. {@link CommitMetadata#NONE} if the table does
   * not exist.
   *
   * @throws PipelineException state mismatch when no commit has metadata
   */
  public CommitMetadata metadata() {
    Optional<Long> newest = latestVersion();
    if (newest.isEmpty()) {
      return CommitMetadata.NONE;
    }
    for (long version = newest.get(); version >= 0; version--) {
      Optional<CommitInfo> info = commitInfo(version);
      if (info.isEmpty()) {
        break;
      }
      Optional<CommitMetadata> found = metadata(info.get());
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw BatchLayerErrors.tableHasNoCommitMetadata(path());
  }

  /** The metadata of a version's commit. Empty if the pipeline did not write the commit. */
  public Optional<CommitMetadata> metadata(long version) {
    return commitInfo(version).flatMap(LakeTable::metadata);
  }

  private static Optional<CommitMetadata> metadata(CommitInfo info) {
    return asJava(info.userMetadata()).flatMap(CommitMetadata::parse);
  }

  /**
   * The number of rows after the newest commit of the archive: its {@link CommitMetadata#records}
   * and what the commit appended. Empty if it does not state it, or Delta no longer has the commit.
   */
  public Optional<Long> recordedRows() {
    CommitMetadata newest = metadata();
    if (newest.records() == null) {
      return Optional.empty();
    }
    for (long version = latestVersion().orElseThrow(); version >= 0; version--) {
      Optional<CommitInfo> info = commitInfo(version);
      if (info.isEmpty()) {
        return Optional.empty();
      }
      // maintenance and an undone append repeat the metadata of the commit before them
      boolean isNewest =
          metadata(info.get())
              .filter(found -> found.afterTransaction(newest.transaction()).equals(newest))
              .isPresent();
      if (isNewest && info.get().operation().equals("WRITE")) {
        return metric(version, "numOutputRows").map(appended -> newest.records() + appended);
      }
      if (isNewest && info.get().operation().equals("MERGE")) {
        return Optional.of(newest.records());
      }
    }
    return Optional.of(newest.records());
  }

  /** An operation metric of a commit, such as {@code numOutputRows}. */
  public Optional<Long> metric(long version, String name) {
    return commitInfo(version)
        .flatMap(info -> asJava(info.operationMetrics()))
        .flatMap(metrics -> asJava(metrics.get(name)))
        .map(Long::valueOf);
  }

  /**
   * The number of data files of the newest version. It comes from the checksum without a Spark job,
   * or from the Delta log if there is no checksum.
   */
  public long files() {
    return snapshot().numOfFiles();
  }

  private DeltaLog log() {
    return DeltaLog.forTable(spark, folder);
  }

  private Snapshot snapshot() {
    DeltaLog log = log();
    return log.update(false, Option.empty(), Option.empty());
  }

  /** The commit info of a version. Empty if the version or its commit info does not exist. */
  private Optional<CommitInfo> commitInfo(long version) {
    Iterator<Tuple2<Object, Seq<Action>>> commits = log().getChanges(version, false);
    if (!commits.hasNext()) {
      return Optional.empty();
    }
    Tuple2<Object, Seq<Action>> commit = commits.next();
    return (long) commit._1() == version
        ? JavaConverters.seqAsJavaList(commit._2()).stream()
            .filter(CommitInfo.class::isInstance)
            .map(CommitInfo.class::cast)
            .findFirst()
        : Optional.empty();
  }

  private static <T> Optional<T> asJava(Option<T> option) {
    return Optional.ofNullable(option.getOrElse(() -> null));
  }
}
