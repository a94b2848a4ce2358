package io.foldlog.speed;

import io.foldlog.speed.sink.MeterPlugin;
import org.apache.spark.sql.SparkSession;

/** Where the Spark session comes from; to be closed when the query has ended. */
public interface SparkSessionSource extends AutoCloseable {

  /** The session, which starts Spark where it does not run yet. */
  SparkSession open(SpeedLayerSettings settings);

  /** Stops Spark, where it was started for this query alone. */
  @Override
  void close();

  /** A session of the application's own. */
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
   * A session that others use as well. Its SparkContext needs {@link MeterPlugin} among its
   * plugins, and a task slot for each partition of all continuous queries that run at the same
   * time.
   *
   * @throws IllegalArgumentException when it lacks the plugin
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
