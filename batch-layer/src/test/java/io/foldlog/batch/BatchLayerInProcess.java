package io.foldlog.batch;

import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.contract.DecodeRules;
import io.foldlog.runtime.Settings;
import io.foldlog.testing.kit.TestSpark;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/**
 * Runs the batch layer in this JVM, on a shared Spark session, for small lakes. It supports several
 * lakes and concurrent runs.
 */
public final class BatchLayerInProcess {

  /**
   * Settings for lakes of a few thousand records. They disable code generation, adaptive execution
   * and plan descriptions, which take a quarter of the time of such a run.
   */
  public static final String SMALL_LAKE =
      "batch-layer { shuffle-partitions = 2, spark { databricks.delta.snapshotPartitions = 1,"
          + " sql { adaptive.enabled = false,"
          + " codegen { wholeStage = false, factoryMode = NO_CODEGEN },"
          + " ui.explainMode = simple, debug.maxToStringFields = 1, maxPlanStringLength = 100 } } }";

  private BatchLayerInProcess() {}

  /** The Spark session that all runs of this JVM share, with the batch layer's configuration. */
  public static SparkSession spark() {
    return TestSpark.session(
        () ->
            SparkSessions.open(
                BatchLayerSettings.from(
                    Settings.of(
                        "lake.root = none, batch-layer { reports = none, master = \"local[2]\", ui-port = 0 }\n"
                            + SMALL_LAKE))));
  }

  /** The batch layer. Its runs share {@link #spark}. */
  public static BatchLayer batchLayer() {
    return new BatchLayer(environment());
  }

  /** The environment of {@link #batchLayer}. */
  public static BatchEnvironment environment() {
    return new BatchEnvironment(new Shared(), DecodeRules::current, FaultPoints.ofProcess());
  }

  /** Opens a new session for each run, because a run sets its commit metadata in the session. */
  private static final class Shared implements SparkSource {

    @Override
    public SparkSession open(BatchLayerSettings settings) {
      return spark().newSession();
    }

    @Override
    public void close(SparkSession session) {
      // as in a separate process, no cached table state remains after the run
      DeltaLog.clearCache();
    }
  }
}
