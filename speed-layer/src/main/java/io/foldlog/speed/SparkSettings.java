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

/** Spark's configuration for the speed layer. */
final class SparkSettings {

  private static final Logger LOG = LoggerFactory.getLogger(SparkSettings.class);
  private static final String LOCAL_ADDRESS = "SPARK_LOCAL_IP";
  private static final String PREFIX = "spark.";
  private static final long MEBIBYTE = 1L << 20;

  private SparkSettings() {}

  /** Creates a dedicated session of the application. */
  static SparkSession session(SpeedLayerSettings settings) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", settings.master());
    conf.setIfMissing("spark.app.name", StreamingPipeline.LAYER);
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      // a task without enough memory ends the query with a message, and not the process
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
    }
    if (settings.trigger() == TriggerMode.CONTINUOUS) {
      // a retry of a continuous task always fails, and its error would hide the original failure
      conf.set("spark.task.maxFailures", "1");
    }
    configureUi(conf, settings);
    settings.spark().forEach((name, value) -> conf.set("spark." + name, value));
    conf.set(
        "spark.plugins",
        Optional.ofNullable(conf.get("spark.plugins", null)).map(others -> others + ",").orElse("")
            + MeterPlugin.class.getName());
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /**
   * Creates a session for one query on the SparkContext of another session. Its settings do not
   * affect other queries.
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
            // on a local disk Spark's default manager starts eight processes (readlink) for each
            // renamed checkpoint file, about 30 per second
            "spark.sql.streaming.checkpointFileManagerClass",
            "org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager",
            // an epoch ends when all records read before it are written: with a short queue it also
            // ends under overload
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
   * The connector's configuration for one query: the user's settings, the layer's settings, and the
   * address and login of Cassandra. Only the query's sink gets it. In Spark's configuration it
   * would apply to all queries, and the Spark UI would show it.
   */
  static Map<String, String> connector(
      SparkSession spark, SpeedLayerSettings settings, CassandraSettings cassandra) {
    Map<String, String> connector = new TreeMap<>();
    for (Tuple2<String, String> entry : spark.sparkContext().getConf().getAll()) {
      connector.put(entry._1(), entry._2());
    }
    settings.spark().forEach((name, value) -> connector.put(PREFIX + name, value));
    connector.keySet().removeIf(name -> !name.startsWith("spark.cassandra."));
    // the writer has its own retries and an adaptive in-flight limit
    connector.put("spark.cassandra.query.retry.count", "0");
    connector.putIfAbsent("spark.cassandra.connection.localConnectionsPerExecutor", "2");
    connector.putIfAbsent("spark.cassandra.connection.timeoutMS", "10000");
    connector.putIfAbsent("spark.cassandra.connection.reconnectionDelayMS.max", "5000");
    // without it the driver can hang forever if the open of a session fails
    connector.putIfAbsent("spark.cassandra.connection.quietPeriodBeforeCloseMS", "1000");
    // a session stays open while the query runs, and is not needed afterwards
    connector.putIfAbsent("spark.cassandra.connection.keepAliveMS", "100");
    connector.putAll(cassandra.connector(cassandra.writer()));
    return connector;
  }

  /** The Spark UI binds to all interfaces unless SPARK_LOCAL_IP is set. */
  private static void configureUi(SparkConf conf, SpeedLayerSettings settings) {
    boolean hasLocalAddress = System.getenv(LOCAL_ADDRESS) != null;
    boolean isEnabled = settings.uiPort() > 0;
    if (isEnabled && !hasLocalAddress) {
      LOG.warn(
          "event=ui_disabled reason=\"the environment variable {} is not set, so the UI would bind to all interfaces; set it to 127.0.0.1\"",
          LOCAL_ADDRESS);
    }
    conf.set("spark.ui.enabled", Boolean.toString(isEnabled && hasLocalAddress));
    conf.set("spark.ui.port", Integer.toString(settings.uiPort()));
    conf.setIfMissing("spark.ui.retainedJobs", "50");
    conf.setIfMissing("spark.ui.retainedStages", "50");
    conf.setIfMissing("spark.ui.retainedTasks", "500");
    conf.setIfMissing("spark.sql.ui.retainedExecutions", "20");
    conf.setIfMissing("spark.sql.streaming.numRecentProgressUpdates", "5");
  }

  /** The heap of the JVMs that run the tasks, in bytes. */
  static long executorHeap(SparkSession spark) {
    SparkContext context = spark.sparkContext();
    return context.isLocal()
        ? Runtime.getRuntime().maxMemory()
        : context.executorMemory() * MEBIBYTE;
  }

  /** The number of tasks that can run at the same time. */
  static int taskSlots(SparkSession spark) {
    SparkContext context = spark.sparkContext();
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }
}
