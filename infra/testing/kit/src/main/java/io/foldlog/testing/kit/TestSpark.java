package io.foldlog.testing.kit;

import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/** The one Spark session of a test JVM; it ends with the JVM. */
public final class TestSpark {

  private static SparkSession session;

  private TestSpark() {}

  /**
   * The session, started.
   *
   * @param start starts it, as the layer under test sets Spark; called once in a JVM, so where
   *     tests run two layers, all have to name the same function
   */
  public static synchronized SparkSession session(Supplier<SparkSession> start) {
    if (session == null) {
      session = start.get();
      TestLedger.sparkContext(TestSpark.class);
    }
    return session;
  }
}
