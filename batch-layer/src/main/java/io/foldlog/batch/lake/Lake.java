package io.foldlog.batch.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The tables under one root. */
public final class Lake {

  /** The rows of {@code rejected_events}. */
  public static final StructType REJECTED =
      new StructType()
          .add(EventsTable.TOPIC_ID, DataTypes.StringType)
          .add(EventsTable.PARTITION, DataTypes.IntegerType)
          .add(EventsTable.OFFSET, DataTypes.LongType)
          .add(EventsTable.TIMESTAMP, DataTypes.TimestampType)
          .add("code", DataTypes.StringType)
          .add("field", DataTypes.StringType)
          .add("sentence", DataTypes.StringType);

  private static final StructType REGISTRATIONS =
      new StructType()
          .add("day", DataTypes.DateType)
          .add("nationality", DataTypes.StringType)
          .add("users", DataTypes.LongType);

  private static final StructType REPAIRS =
      new StructType()
          .add("run", DataTypes.StringType)
          .add("user_id", DataTypes.StringType)
          .add("round", DataTypes.IntegerType)
          .add("finding", DataTypes.StringType)
          .add("cell", DataTypes.StringType)
          .add("observed_time", DataTypes.LongType)
          .add("action", DataTypes.StringType)
          .add("value", DataTypes.BinaryType)
          .add("repair_time", DataTypes.LongType)
          .add("above_event_time", DataTypes.BooleanType)
          .add("recorded", DataTypes.TimestampType);

  private static final StructType RUNS =
      new StructType()
          .add("run", DataTypes.StringType)
          .add("command", DataTypes.StringType)
          .add("started", DataTypes.TimestampType)
          .add("ended", DataTypes.TimestampType)
          .add("status", DataTypes.IntegerType)
          .add("reconciled", DataTypes.BooleanType)
          .add("scope", DataTypes.StringType)
          .add("slice", DataTypes.IntegerType)
          .add("slices", DataTypes.IntegerType)
          .add("users_version", DataTypes.LongType)
          .add("folded", DataTypes.StringType)
          .add("decode_version", DataTypes.IntegerType)
          .add("report", DataTypes.StringType);

  private final SparkSession spark;
  private final Path root;
  private final FileSystem files;

  /**
   * The lake of a root.
   *
   * @param root a folder of this machine, or s3a://bucket/folder
   */
  public Lake(SparkSession spark, String root) {
    this.spark = spark;
    this.root = new Path(root);
    try {
      this.files = this.root.getFileSystem(spark.sparkContext().hadoopConfiguration());
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot open the lake " + root, failure);
    }
  }

  /** The archive; see {@link EventsTable}. */
  public LakeTable events() {
    return table("events", EventsTable.SCHEMA, List.of(EventsTable.DAY), 4);
  }

  /** The fold; see {@link UsersTable}. */
  public LakeTable users() {
    return table("users", UsersTable.SCHEMA, List.of(), 1);
  }

  /** Archived records that are no events, and why. */
  public LakeTable rejectedEvents() {
    return table("rejected_events", REJECTED, List.of(), 3);
  }

  /** Distinct subjects of registrations by UTC day of the event's time, and nationality. */
  public LakeTable registrationsByDay() {
    return table("registrations_by_day", REGISTRATIONS, List.of(), 1);
  }

  /** Every repair, stored before it was written. */
  public LakeTable repairs() {
    return table("repairs", REPAIRS, List.of(), 2);
  }

  /** What each run did. */
  public LakeTable reconcileRuns() {
    return table("reconcile_runs", RUNS, List.of(), 4);
  }

  /** All of them. */
  public List<LakeTable> tables() {
    return List.of(
        events(), users(), rejectedEvents(), registrationsByDay(), repairs(), reconcileRuns());
  }

  /** Where a run keeps what it has read, until it ends. */
  public String work(String run) {
    return new Path(work(), run).toString();
  }

  /** Removes what earlier runs have kept. */
  public void removeWork() {
    try {
      files.delete(work(), true);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot empty " + work(), failure);
    }
  }

  private Path work() {
    return new Path(root, "work");
  }

  public SparkSession spark() {
    return spark;
  }

  private LakeTable table(
      String name, StructType schema, List<String> partitionedBy, int indexedColumns) {
    return new LakeTable(spark, files, new Path(root, name), schema, partitionedBy, indexedColumns);
  }
}
