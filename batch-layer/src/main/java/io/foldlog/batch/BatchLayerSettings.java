package io.foldlog.batch;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.lake.LakeSettings;
import io.foldlog.runtime.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * The sections {@code batch-layer} and {@code lake}.
 *
 * @param lake the location of the tables
 * @param reports the folder to which each run writes its report as JSON
 * @param master the Spark master, unless spark-submit sets one
 * @param uiPort of the Spark UI; 0 for none
 * @param shufflePartitions of Spark
 * @param tokenRanges the number of token ranges, of which each run audits one
 * @param maxWritesInFlight the maximum number of unacknowledged repairs
 * @param vacuumRetention how long files that the current table version does not need are kept
 * @param spark further Spark settings, without the prefix {@code spark.}
 */
public record BatchLayerSettings(
    LakeSettings lake,
    Path reports,
    String master,
    int uiPort,
    int shufflePartitions,
    int tokenRanges,
    int maxWritesInFlight,
    Duration vacuumRetention,
    Map<String, String> spark) {

  /** Delta's default minimum. A shorter retention could delete files that a reader still uses. */
  private static final Duration MIN_RETENTION = Duration.ofDays(7);

  public BatchLayerSettings {
    Objects.requireNonNull(lake);
    reports = reports.toAbsolutePath().normalize();
    Objects.requireNonNull(master);
    Objects.requireNonNull(vacuumRetention);
    spark = Map.copyOf(spark);
  }

  public static BatchLayerSettings from(Settings settings) {
    Settings.Section section = settings.section("batch-layer");
    Duration retention = section.positiveDuration("vacuum-retention");
    if (retention.compareTo(MIN_RETENTION) < 0) {
      throw section.reject("vacuum-retention", BatchLayerErrors.VACUUM_RETENTION_RULE);
    }
    return new BatchLayerSettings(
        LakeSettings.from(settings),
        section.path("reports"),
        section.text("master"),
        section.integer("ui-port", 0, 65_535),
        section.integer("shuffle-partitions", 1, 10_000),
        section.integer("token-ranges", 1, 4096),
        section.integer("max-writes-in-flight", 1, 100_000),
        retention,
        section.map("spark"));
  }
}
