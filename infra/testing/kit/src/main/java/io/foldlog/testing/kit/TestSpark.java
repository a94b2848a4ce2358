package io.foldlog.testing.kit;

import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/** The one Spark session of a test JVM. It ends with the JVM. */
public final class TestSpark {

  private static SparkSession session;

  private TestSpark() {}

  /**
   * Returns the session. The first call starts it.
   *
   * @param start starts the session with the configuration of the layer under test. Only the first
   *     call uses it, so tests of two layers must pass the same function
   */
  public static synchronized SparkSession session(Supplier<SparkSession> start) {
    if (session == null) {
      session = start.get();
      TestLedger.sparkContext(TestSpark.class);
    }
    return session;
  }
}
