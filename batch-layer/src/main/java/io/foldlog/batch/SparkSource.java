package io.foldlog.batch;

import org.apache.spark.sql.SparkSession;

/** Provides the Spark session of a run. */
public interface SparkSource {

  /** Opens a session. No other run shares its SQL settings. */
  SparkSession open(BatchLayerSettings settings);

  /** Closes the session after the run. */
  void close(SparkSession session);

  /** A source that starts a SparkContext for each run and stops it at the end of the run. */
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
