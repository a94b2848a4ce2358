package io.foldlog.batch;

import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.contract.DecodeRules;
import io.foldlog.runtime.Settings;
import io.foldlog.testing.kit.TestSpark;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/**
 * The batch layer in this JVM, on a Spark session that others use as well, for small lakes. It
 * serves any number of lakes, and runs at the same time.
 */
public final class BatchLayerInProcess {

  /**
   * Settings for lakes of a few thousand records, where compiling a query, planning it again and
   * describing its plan takes a quarter of the time and gives nothing.
   */
  public static final String SMALL_LAKE =
      "batch-layer { shuffle-partitions = 2, spark { databricks.delta.snapshotPartitions = 1,"
          + " sql { adaptive.enabled = false,"
          + " codegen { wholeStage = false, factoryMode = NO_CODEGEN },"
          + " ui.explainMode = simple, debug.maxToStringFields = 1, maxPlanStringLength = 100 } } }";

  private BatchLayerInProcess() {}

  /** The Spark session that all runs of this JVM share, set as the batch layer sets it. */
  public static SparkSession spark() {
    return TestSpark.session(
        () ->
            SparkSessions.open(
                BatchLayerSettings.from(
                    Settings.of(
                        "lake.root = none, batch-layer { reports = none, master = \"local[2]\", ui-port = 0 }\n"
                            + SMALL_LAKE))));
  }

  /** The batch layer, whose runs share {@link #spark}. */
  public static BatchLayer batchLayer() {
    return new BatchLayer(environment());
  }

  /** The environment of {@link #batchLayer}. */
  public static BatchEnvironment environment() {
    return new BatchEnvironment(new Shared(), DecodeRules::current, FaultPoints.ofProcess());
  }

  /** Each run has a session of its own, because it sets what its commits say in the session. */
  private static final class Shared implements SparkSource {

    @Override
    public SparkSession open(BatchLayerSettings settings) {
      return spark().newSession();
    }

    @Override
    public void close(SparkSession session) {
      // as in a process of its own, nothing known of a table outlives the run
      DeltaLog.clearCache();
    }
  }
}
