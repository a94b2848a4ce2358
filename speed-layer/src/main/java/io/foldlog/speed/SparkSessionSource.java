package io.foldlog.speed;

import io.foldlog.speed.sink.MeterPlugin;
import org.apache.spark.sql.SparkSession;

/** Provides the Spark session of a query. The caller closes it after the end of the query. */
public interface SparkSessionSource extends AutoCloseable {

  /** Opens the session; starts Spark if it does not run yet. */
  SparkSession open(SpeedLayerSettings settings);

  /** Stops Spark if it was started for this query only. */
  @Override
  void close();

  /** A dedicated session of the application. */
  static SparkSessionSource own() {
    return new SparkSessionSource() {
      private SparkSession session;

      @Override
      public SparkSession open(SpeedLayerSettings settings) {
        session = SparkSettings.session(settings);
        return session;
      }

      @Override
      public void close() {
        if (session != null) {
          session.close();
        }
      }
    };
  }

  /**
   * A session that other code uses too. Its SparkContext needs the plugin {@link MeterPlugin}, and
   * a task slot for each partition of all continuous queries that run at the same time.
   *
   * @throws IllegalArgumentException if the plugin is missing
   */
  static SparkSessionSource shared(SparkSession session) {
    String plugins = session.sparkContext().getConf().get("spark.plugins", "");
    if (!plugins.contains(MeterPlugin.class.getName())) {
      throw new IllegalArgumentException(
          "spark.plugins is '%s', without %s".formatted(plugins, MeterPlugin.class.getName()));
    }
    return new SparkSessionSource() {
      @Override
      public SparkSession open(SpeedLayerSettings settings) {
        return session;
      }

      @Override
      public void close() {}
    };
  }
}
