package io.foldlog.batch;

import org.apache.spark.sql.SparkSession;

/** Where a run gets its Spark session from. */
public interface SparkSource {

  /** A session whose SQL settings are the run's alone. */
  SparkSession open(BatchLayerSettings settings);

  /** The run has ended, and uses the session no more. */
  void close(SparkSession session);

  /** A Spark of the run's own, started by these settings and stopped at its end. */
  static SparkSource ofProcess() {
    return new SparkSource() {
      @Override
      public SparkSession open(BatchLayerSettings settings) {
        return SparkSessions.open(settings);
      }

      @Override
      public void close(SparkSession session) {
        session.stop();
      }
    };
  }
}
