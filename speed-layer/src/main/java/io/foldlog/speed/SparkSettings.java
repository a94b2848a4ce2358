package io.foldlog.speed;

import io.foldlog.application.CassandraSettings;
import io.foldlog.speed.meters.MeterPlugin;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Spark as the speed layer runs it. */
final class SparkSettings {

  private static final Logger LOG = LoggerFactory.getLogger(SparkSettings.class);
  private static final String LOCAL_ADDRESS = "SPARK_LOCAL_IP";

  private SparkSettings() {}

  /**
   * A new session. Cassandra's login is set here, in memory: on a command line anybody could read
   * it.
   */
  static SparkSession session(SpeedLayerSettings settings, CassandraSettings cassandra) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", settings.master());
    conf.setIfMissing("spark.app.name", SpeedLayer.LAYER);
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      // a task that lacks memory ends the query, whose failure is said, and not the process
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
    }
    if (settings.trigger() == TriggerMode.CONTINUOUS) {
      // Spark refuses to repeat a continuous task, and then says so in place of what had failed
      conf.set("spark.task.maxFailures", "1");
    }
    ui(conf, settings);
    settings.spark().forEach((name, value) -> conf.set("spark." + name, value));
    conf.set(
        "spark.plugins",
        Optional.ofNullable(conf.get("spark.plugins", null)).map(others -> others + ",").orElse("")
            + MeterPlugin.class.getName());
    conf.set("spark.sql.session.timeZone", "UTC");
    conf.set("spark.sql.streaming.noDataMicroBatches.enabled", "false");
    conf.setIfMissing("spark.sql.streaming.stopTimeout", "20s");
    // on a local disk Spark's usual manager would start eight processes (readlink) for each file of
    // the checkpoint that it renames, some 30 a second
    conf.setIfMissing(
        "spark.sql.streaming.checkpointFileManagerClass",
        "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager");
    // an epoch ends once what was read before it is written: a short queue, so that it ends under
    // overload, too
    conf.setIfMissing("spark.sql.streaming.continuous.executorQueueSize", "256");
    // the writer retries by itself, with a bound that adapts
    conf.set("spark.cassandra.query.retry.count", "0");
    conf.setIfMissing("spark.cassandra.connection.localConnectionsPerExecutor", "2");
    conf.setIfMissing("spark.cassandra.connection.timeoutMS", "10000");
    conf.setIfMissing("spark.cassandra.connection.reconnectionDelayMS.max", "5000");
    // without it the driver can hang for ever where opening a session fails
    conf.setIfMissing("spark.cassandra.connection.quietPeriodBeforeCloseMS", "1000");
    cassandra.connector(cassandra.writer()).forEach(conf::set);
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** Spark's pages listen on every interface unless the environment names one. */
  private static void ui(SparkConf conf, SpeedLayerSettings settings) {
    boolean bound = System.getenv(LOCAL_ADDRESS) != null;
    boolean wanted = settings.uiPort() > 0;
    if (wanted && !bound) {
      LOG.warn(
          "ui=off reason=\"the environment variable {} is not set, so it would listen everywhere; set it to 127.0.0.1\"",
          LOCAL_ADDRESS);
    }
    conf.set("spark.ui.enabled", Boolean.toString(wanted && bound));
    conf.set("spark.ui.port", Integer.toString(settings.uiPort()));
    conf.setIfMissing("spark.ui.retainedJobs", "50");
    conf.setIfMissing("spark.ui.retainedStages", "50");
    conf.setIfMissing("spark.ui.retainedTasks", "500");
    conf.setIfMissing("spark.sql.ui.retainedExecutions", "20");
    conf.setIfMissing("spark.sql.streaming.numRecentProgressUpdates", "5");
  }

  /** How many tasks can run at once. */
  static int taskSlots(SparkSession spark) {
    SparkContext context = spark.sparkContext();
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }
}
