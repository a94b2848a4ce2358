package io.foldlog.batch.lake;

import io.foldlog.lake.LakeSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The tables under one root. {@link LakeSchema} describes them. */
public final class Lake {

  /** The schema of {@code rejected_events}. */
  public static final StructType REJECTED = SparkSchema.of(LakeSchema.REJECTED_EVENTS);

  private final SparkSession spark;
  private final Path root;
  private final FileSystem files;

  /**
   * Opens a lake. Creates nothing.
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

  public LakeTable events() {
    return table(LakeSchema.EVENTS);
  }

  public LakeTable users() {
    return table(LakeSchema.USERS);
  }

  public LakeTable rejectedEvents() {
    return table(LakeSchema.REJECTED_EVENTS);
  }

  public LakeTable registrationsByDay() {
    return table(LakeSchema.REGISTRATIONS_BY_DAY);
  }

  public LakeTable repairs() {
    return table(LakeSchema.REPAIRS);
  }

  public LakeTable reconcileRuns() {
    return table(LakeSchema.RECONCILE_RUNS);
  }

  public List<LakeTable> tables() {
    return Arrays.stream(LakeSchema.values()).map(this::table).toList();
  }

  /** The folder in which a run stores intermediate data until it ends. */
  public String work(String run) {
    return new Path(work(), run).toString();
  }

  /** Deletes the intermediate data of earlier runs. */
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

  /** The record at which the last archive ended for lack of heap. */
  public ExhaustedAt exhaustedAt() {
    return new ExhaustedAt(files, root);
  }

  public SparkSession spark() {
    return spark;
  }

  private LakeTable table(LakeSchema table) {
    return new LakeTable(spark, new Path(root, table.folder()), table);
  }
}
