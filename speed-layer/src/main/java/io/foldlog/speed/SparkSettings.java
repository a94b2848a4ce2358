package io.foldlog.speed;

import io.foldlog.speed.sink.MeterPlugin;
import io.foldlog.view.CassandraSettings;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** Spark as the speed layer runs it. */
final class SparkSettings {

  private static final Logger LOG = LoggerFactory.getLogger(SparkSettings.class);
  private static final String LOCAL_ADDRESS = "SPARK_LOCAL_IP";
  private static final String PREFIX = "spark.";

  private SparkSettings() {}

  /** A session of the application's own. */
  static SparkSession session(SpeedLayerSettings settings) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", settings.master());
    conf.setIfMissing("spark.app.name", StreamingPipeline.LAYER);
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
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /**
   * A session for one query on the Spark of another session: what is set on it concerns no other
   * query.
   */
  static SparkSession forQuery(SparkSession spark, SpeedLayerSettings settings) {
    SparkSession session = spark.newSession();
    RuntimeConfig conf = session.conf();
    settings.spark().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("sql."))
        .filter(entry -> conf.isModifiable("spark." + entry.getKey()))
        .forEach(entry -> conf.set("spark." + entry.getKey(), entry.getValue()));
    conf.set("spark.sql.session.timeZone", "UTC");
    conf.set("spark.sql.streaming.noDataMicroBatches.enabled", "false");
    Map<String, String> defaults =
        Map.of(
            "spark.sql.streaming.stopTimeout",
            "10s",
            // on a local disk Spark's usual manager would start eight processes (readlink) for each
            // file of the checkpoint that it renames, some 30 a second
            "spark.sql.streaming.checkpointFileManagerClass",
            "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager",
            // an epoch ends once what was read before it is written: a short queue, so that it ends
            // under overload, too
            "spark.sql.streaming.continuous.executorQueueSize",
            "256");
    SparkConf given = spark.sparkContext().getConf();
    defaults.forEach(
        (name, value) -> {
          boolean isSet =
              given.contains(name) || settings.spark().containsKey(name.substring(PREFIX.length()));
          if (!isSet) {
            conf.set(name, value);
          }
        });
    return session;
  }

  /**
   * The connector's configuration for one query: what the user set for it, the layer's own, and
   * where Cassandra is and who logs in. Only the query's sink knows it: in Spark's configuration it
   * would be every query's, and the Spark UI would show it.
   */
  static Map<String, String> connector(
      SparkSession spark, SpeedLayerSettings settings, CassandraSettings cassandra) {
    Map<String, String> connector = new TreeMap<>();
    for (Tuple2<String, String> entry : spark.sparkContext().getConf().getAll()) {
      connector.put(entry._1(), entry._2());
    }
    settings.spark().forEach((name, value) -> connector.put(PREFIX + name, value));
    connector.keySet().removeIf(name -> !name.startsWith("spark.cassandra."));
    // the writer retries by itself, with a bound that adapts
    connector.put("spark.cassandra.query.retry.count", "0");
    connector.putIfAbsent("spark.cassandra.connection.localConnectionsPerExecutor", "2");
    connector.putIfAbsent("spark.cassandra.connection.timeoutMS", "10000");
    connector.putIfAbsent("spark.cassandra.connection.reconnectionDelayMS.max", "5000");
    // without it the driver can hang for ever where opening a session fails
    connector.putIfAbsent("spark.cassandra.connection.quietPeriodBeforeCloseMS", "1000");
    // a session is held for as long as the query runs, and not needed afterwards
    connector.putIfAbsent("spark.cassandra.connection.keepAliveMS", "100");
    connector.putAll(cassandra.connector(cassandra.writer()));
    return connector;
  }

  /** The Spark UI listens on every interface unless the environment names one. */
  private static void ui(SparkConf conf, SpeedLayerSettings settings) {
    boolean bound = System.getenv(LOCAL_ADDRESS) != null;
    boolean wanted = settings.uiPort() > 0;
    if (wanted && !bound) {
      LOG.warn(
          "event=ui_disabled reason=\"the environment variable {} is not set, so the UI would bind to all interfaces; set it to 127.0.0.1\"",
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
