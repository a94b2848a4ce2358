package io.foldlog.batch;

import io.foldlog.application.Settings;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark for tests, set as the batch layer sets it. */
public final class TestSpark {

  private TestSpark() {}

  /** A session, the caller's to close. */
  public static SparkSession session(Path folder) {
    return SparkSessions.open(
        BatchLayerSettings.from(
            Settings.of(
                "batch-layer { lake = \"%s\", master = \"local[2]\", ui-port = 0 }"
                    .formatted(folder))));
  }
}
