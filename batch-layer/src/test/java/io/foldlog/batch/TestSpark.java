package io.foldlog.batch;

import io.foldlog.application.Settings;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark for tests, set as the batch layer sets it. */
public final class TestSpark {

  /**
   * Settings for lakes of a few thousand records, where compiling a query and planning it anew
   * takes a sixth of the time and gives nothing.
   */
  public static final String SMALL_LAKE =
      "batch-layer { shuffle-partitions = 2, spark { databricks.delta.snapshotPartitions = 1,"
          + " sql { adaptive.enabled = false,"
          + " codegen { wholeStage = false, factoryMode = NO_CODEGEN } } } }";

  private TestSpark() {}

  /** A session, the caller's to close. */
  public static SparkSession session(Path folder) {
    return SparkSessions.open(
        BatchLayerSettings.from(
            Settings.of(
                "lake.root = \"%s\", batch-layer { master = \"local[2]\", ui-port = 0 }\n%s"
                    .formatted(folder, SMALL_LAKE))));
  }
}
