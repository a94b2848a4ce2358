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
 * @param lake where the tables are
 * @param reports where each run leaves its report, as JSON
 * @param master where Spark runs when it was not said at the start
 * @param uiPort of the Spark UI; 0 for none
 * @param shufflePartitions of Spark
 * @param tokenRanges how many slices the ring is audited in, one a run
 * @param maxWritesInFlight the bound of unacknowledged repairs
 * @param vacuumRetention how long files that no table version of today needs are kept
 * @param spark further settings of Spark's own
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

  /** Delta's own minimum: a shorter one could take files from a reader. */
  private static final Duration SHORTEST_RETENTION = Duration.ofDays(7);

  public BatchLayerSettings {
    Objects.requireNonNull(lake);
    reports = reports.toAbsolutePath().normalize();
    Objects.requireNonNull(master);
    Objects.requireNonNull(vacuumRetention);
    spark = Map.copyOf(spark);
  }

  /** Maps the section. */
  public static BatchLayerSettings from(Settings settings) {
    Settings.Section section = settings.section("batch-layer");
    Duration retention = section.positiveDuration("vacuum-retention");
    if (retention.compareTo(SHORTEST_RETENTION) < 0) {
      throw section.refuse("vacuum-retention", BatchLayerErrors.VACUUM_RETENTION_RULE);
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
