package io.foldlog.batch;

import io.foldlog.application.Settings;
import io.foldlog.contract.DecodeRules;
import io.foldlog.testing.servers.TestLedger;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/**
 * The one Spark of a test JVM, set as the batch layer sets it, for small lakes. It serves any
 * number of lakes, and runs at the same time.
 */
public final class TestSpark {

  /**
   * Settings for lakes of a few thousand records, where compiling a query, planning it anew and
   * describing its plan takes a quarter of the time and gives nothing.
   */
  public static final String SMALL_LAKE =
      "batch-layer { shuffle-partitions = 2, spark { databricks.delta.snapshotPartitions = 1,"
          + " sql { adaptive.enabled = false,"
          + " codegen { wholeStage = false, factoryMode = NO_CODEGEN },"
          + " ui.explainMode = simple, debug.maxToStringFields = 1, maxPlanStringLength = 100 } } }";

  private static SparkSession shared;

  private TestSpark() {}

  /** The shared session; it is never stopped but with the JVM. */
  public static synchronized SparkSession session() {
    if (shared == null || shared.sparkContext().isStopped()) {
      shared =
          SparkSessions.open(
              BatchLayerSettings.from(
                  Settings.of(
                      "batch-layer { master = \"local[2]\", ui-port = 0 }\n" + SMALL_LAKE)));
      TestLedger.sparkContext(TestSpark.class);
    }
    return shared;
  }

  /** The batch layer, whose runs share the session's Spark. */
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
      return session().newSession();
    }

    @Override
    public void close(SparkSession session) {
      // as in a process of its own, nothing known of a table outlives the run
      DeltaLog.clearCache();
    }
  }
}
