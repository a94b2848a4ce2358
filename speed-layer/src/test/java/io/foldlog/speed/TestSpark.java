package io.foldlog.speed;

import io.foldlog.speed.sink.MeterPlugin;
import io.foldlog.testing.kit.TestLedger;
import org.apache.spark.sql.SparkSession;

/** The Spark session of all tests of a JVM; it ends with the JVM. */
public final class TestSpark {

  /** Enough for three continuous queries over two partitions each. */
  public static final int TASK_SLOTS = 6;

  private static SparkSession session;

  private TestSpark() {}

  /** The session, started. */
  public static synchronized SparkSession session() {
    if (session == null) {
      session =
          SparkSession.builder()
              .appName("speed-layer-tests")
              .master("local[%d]".formatted(TASK_SLOTS))
              .config("spark.driver.host", "127.0.0.1")
              .config("spark.driver.bindAddress", "127.0.0.1")
              .config("spark.ui.enabled", false)
              .config("spark.plugins", MeterPlugin.class.getName())
              .getOrCreate();
      TestLedger.sparkContext(TestSpark.class);
    }
    return session;
  }
}
