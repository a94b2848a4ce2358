package io.foldlog.batch.lake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.contract.PipelineException;
import io.foldlog.lake.LakeSchema;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * One Delta table of the lake. Each of its commits carries a {@link CommitMetadata}; the newest one
 * is what is known of the table.
 */
public final class LakeTable {

  /** What Delta takes the metadata of the next commits from, where an operation has no option. */
  private static final String METADATA_SETTING = "spark.databricks.delta.commitInfo.userMetadata";

  /** Whether Delta keeps a small table's list of files in its checksum. */
  private static final String FILES_IN_CHECKSUM = "spark.databricks.delta.allFilesInCrc.enabled";

  private static final String LOG = "_delta_log";
  private static final String COMMIT_FILE = "%020d.json";
  private static final String CHECKSUM_FILE = "%020d.crc";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SparkSession spark;
  private final FileSystem files;
  private final Path folder;
  private final StructType schema;
  private final List<String> partitionedBy;
  private final int indexedColumns;

  LakeTable(SparkSession spark, FileSystem files, Path folder, LakeSchema table) {
    this.spark = Objects.requireNonNull(spark);
    this.files = Objects.requireNonNull(files);
    this.folder = Objects.requireNonNull(folder);
    this.schema = SparkSchema.of(table);
    this.partitionedBy = table.partitionedBy();
    this.indexedColumns = table.indexedColumns();
  }

  /** Its name, which is its folder's. */
  public String name() {
    return folder.getName();
  }

  /** Where it is. */
  public String path() {
    return folder.toString();
  }

  public StructType schema() {
    return schema;
  }

  public boolean exists() {
    return latestVersion().isPresent();
  }

  /** Makes the table, empty, unless it is there. */
  public LakeTable create(CommitMetadata metadata) {
    if (!exists()) {
      // it has no files yet, and to put none into its checksum Delta would run a query
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
    // The statistics of wide columns cost more than they save.
    return builder
        .property("delta.dataSkippingNumIndexedCols", Integer.toString(indexedColumns))
        .property("delta.logRetentionDuration", "interval 365 days")
        .property("delta.checkpointInterval", "20")
        .execute();
  }

  /** Its rows as of now; none when it does not exist. */
  public Dataset<Row> read() {
    return exists()
        ? spark.read().format("delta").load(path())
        : spark.createDataFrame(List.of(), schema);
  }

  /** Its rows as of a version. */
  public Dataset<Row> read(long version) {
    return spark.read().format("delta").option("versionAsOf", version).load(path());
  }

  /** For Delta's own operations. */
  public DeltaTable delta() {
    return DeltaTable.forPath(spark, path());
  }

  /** A writer of rows whose commit carries the metadata. */
  public DataFrameWriter<Row> writer(Dataset<Row> rows, CommitMetadata metadata) {
    return rows.write().format("delta").option("userMetadata", metadata.toJson());
  }

  /** Puts rows in the place of all that it holds, in one commit that carries the metadata. */
  public void replace(Dataset<Row> rows, CommitMetadata metadata) {
    // an empty table has no file to remove, which Delta would need two more Spark jobs to find out
    writer(rows, metadata).mode(files() == 0 ? "append" : "overwrite").save(path());
  }

  /** Runs an operation of Delta's; each commit that it makes carries the metadata. */
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

  /** The newest version; empty when the table does not exist. */
  public Optional<Long> latestVersion() {
    Path log = new Path(folder, LOG);
    try {
      return Arrays.stream(files.listStatus(log))
          .map(file -> file.getPath().getName())
          .filter(name -> name.matches("\\d{20}\\.json"))
          .map(name -> Long.parseLong(name.substring(0, 20)))
          .max(Long::compare);
    } catch (FileNotFoundException none) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot list " + log, failure);
    }
  }

  /** When its first commit was written; empty when that is not there. */
  public Optional<Instant> created() {
    Path first = logFile(COMMIT_FILE, 0);
    try {
      long written = files.getFileStatus(first).getModificationTime();
      return Optional.of(Instant.ofEpochMilli(written));
    } catch (FileNotFoundException none) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot look at " + first, failure);
    }
  }

  /**
   * What the newest commit that says something says; {@link CommitMetadata#NONE} when the table
   * does not exist.
   *
   * @throws PipelineException state mismatch, when no commit says anything
   */
  public CommitMetadata metadata() {
    Optional<Long> newest = latestVersion();
    if (newest.isEmpty()) {
      return CommitMetadata.NONE;
    }
    for (long version = newest.get(); version >= 0; version--) {
      Optional<JsonNode> info = commitInfo(version);
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

  /** What the commit of a version says, if it is the pipeline's. */
  public Optional<CommitMetadata> metadata(long version) {
    return commitInfo(version).flatMap(LakeTable::metadata);
  }

  private static Optional<CommitMetadata> metadata(JsonNode commitInfo) {
    return Optional.of(commitInfo.path("userMetadata").asText(""))
        .filter(text -> !text.isEmpty())
        .flatMap(CommitMetadata::parse);
  }

  /** A figure of a commit's, such as {@code numOutputRows}. */
  public Optional<Long> metric(long version, String name) {
    return commitInfo(version)
        .map(info -> info.path("operationMetrics").path(name).asText(""))
        .filter(text -> !text.isEmpty())
        .map(Long::valueOf);
  }

  /**
   * How many files hold its rows now: by the newest version's checksum (Delta's protocol, "Version
   * Checksum File"), which asks Spark nothing; where there is none, by looking.
   */
  public long files() {
    try (InputStream checksum = files.open(logFile(CHECKSUM_FILE, latestVersion().orElse(-1L)))) {
      JsonNode counted = JSON.readTree(checksum).path("numFiles");
      if (counted.isIntegralNumber()) {
        return counted.asLong();
      }
    } catch (IOException none) {
      // written beside the commit, and not part of it
    }
    return read().inputFiles().length;
  }

  private Path logFile(String pattern, long version) {
    return new Path(new Path(folder, LOG), pattern.formatted(version));
  }

  /** What the commit of a version says of itself; empty when there is none, or it says nothing. */
  private Optional<JsonNode> commitInfo(long version) {
    Path commit = logFile(COMMIT_FILE, version);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(files.open(commit), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("{\"commitInfo\"")) {
          return Optional.of(JSON.readTree(line).path("commitInfo"));
        }
      }
      return Optional.empty();
    } catch (FileNotFoundException none) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + commit, failure);
    }
  }
}
