package io.foldlog.batch;

import io.foldlog.batch.faultpoint.CommitFaultPoint;
import io.foldlog.batch.lake.ConditionalCommits;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates Spark sessions with the configuration of the batch layer. */
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
      // a task without enough memory fails its job, which is reported, and does not end the process
      conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
    }
    configureUi(conf, settings);
    conf.setIfMissing(
        "spark.sql.shuffle.partitions", Integer.toString(settings.shufflePartitions()));
    conf.setIfMissing("spark.databricks.delta.snapshotPartitions", "2");
    settings.spark().forEach((name, value) -> conf.set("spark." + name, value));
    conf.set("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension");
    conf.set("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
    // the commit metadata holds the offsets, so a commit without changed rows is needed too
    conf.set("spark.databricks.delta.skipRecordingEmptyCommits", "false");
    // by default, the writer looks at the size of its pages for the first time after 100 rows, and
    // the records of the log may be large
    conf.set("spark.hadoop.parquet.page.size.row.check.min", "4");
    configureTimes(conf);
    // includes the secret key: set in memory, because other users can read a command line
    settings.lake().hadoop().forEach((name, value) -> conf.set("spark.hadoop." + name, value));
    conf.set("spark.delta.logStore.s3a.impl", ConditionalCommits.class.getName());
    if (CommitFaultPoint.isNamed()) {
      conf.set("spark.delta.logStore.file.impl", CommitFaultPoint.class.getName());
    }
    // the callers persist the source of a merge
    conf.set("spark.databricks.delta.merge.materializeSource", "none");
    return SparkSession.builder().config(conf).getOrCreate();
  }

  /** Days are in UTC, and times of any century are stored without a calendar rebase. */
  private static void configureTimes(SparkConf conf) {
    conf.set("spark.sql.session.timeZone", "UTC");
    conf.set("spark.sql.datetime.java8API.enabled", "true");
    conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    conf.set("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED");
    conf.set("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED");
    conf.set("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED");
    conf.set("spark.sql.parquet.int96RebaseModeInRead", "CORRECTED");
  }

  /**
   * Enables the Spark UI only with SPARK_LOCAL_IP, because it binds to all interfaces otherwise.
   */
  private static void configureUi(SparkConf conf, BatchLayerSettings settings) {
    boolean isBound = System.getenv(LOCAL_ADDRESS) != null;
    boolean isWanted = settings.uiPort() > 0;
    if (isWanted && !isBound) {
      LOG.warn(
          "event=ui_disabled reason=\"the environment variable {} is not set, so the UI would bind to all interfaces; set it to 127.0.0.1\"",
          LOCAL_ADDRESS);
    }
    conf.set("spark.ui.enabled", Boolean.toString(isWanted && isBound));
    conf.set("spark.ui.port", Integer.toString(settings.uiPort()));
  }
}
