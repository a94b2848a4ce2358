package io.foldlog.batch;

import io.foldlog.batch.faultpoint.CommitFaultPoint;
import io.foldlog.batch.lake.ConditionalCommits;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Spark as the batch layer runs it. */
final class SparkSessions {

  private static final Logger LOG = LoggerFactory.getLogger(SparkSessions.class);
  private static final String LOCAL_ADDRESS = "SPARK_LOCAL_IP";

  private SparkSessions() {}

  static SparkSession open(BatchLayerSettings settings) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.master", settings.master());
    conf.setIfMissing("spark.app.name", "batch-layer");
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      // a task that lacks memory ends its job, whose failure is said, and not the process
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
    }
    ui(conf, settings);
    conf.setIfMissing(
        "spark.sql.shuffle.partitions", Integer.toString(settings.shufflePartitions()));
    conf.setIfMissing("spark.databricks.delta.snapshotPartitions", "2");
    settings.spark().forEach((name, value) -> conf.set("spark." + name, value));
    conf.set("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension");
    conf.set("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
    // how far a table has come is said by its commits, also by one that changes no row
    conf.set("spark.databricks.delta.skipRecordingEmptyCommits", "false");
    exactTimes(conf);
    // the secret key among it is set here, in memory: on a command line anybody could read it
    settings.lake().hadoop().forEach((name, value) -> conf.set("spark.hadoop." + name, value));
    conf.set("spark.delta.logStore.s3a.impl", ConditionalCommits.class.getName());
    if (CommitFaultPoint.isNamed()) {
      conf.set("spark.delta.logStore.file.impl", CommitFaultPoint.class.getName());
    }
    // what is merged is kept by the caller already
    conf.set("spark.databricks.delta.merge.materializeSource", "none");
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** Days are UTC's, and a time is stored as what it is, in whatever century. */
  private static void exactTimes(SparkConf conf) {
    conf.set("spark.sql.session.timeZone", "UTC");
    conf.set("spark.sql.datetime.java8API.enabled", "true");
    conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    conf.set("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED");
    conf.set("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED");
    conf.set("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED");
    conf.set("spark.sql.parquet.int96RebaseModeInRead", "CORRECTED");
  }

  /** The Spark UI listens on every interface unless the environment names one. */
  private static void ui(SparkConf conf, BatchLayerSettings settings) {
    boolean bound = System.getenv(LOCAL_ADDRESS) != null;
    boolean wanted = settings.uiPort() > 0;
    if (wanted && !bound) {
      LOG.warn(
          "event=ui_disabled reason=\"the environment variable {} is not set, so the UI would bind to all interfaces; set it to 127.0.0.1\"",
          LOCAL_ADDRESS);
    }
    conf.set("spark.ui.enabled", Boolean.toString(wanted && bound));
    conf.set("spark.ui.port", Integer.toString(settings.uiPort()));
  }
}
