package io.foldlog.speed;

import io.foldlog.runtime.Settings;
import io.foldlog.speed.errors.SpeedLayerErrors;
import io.foldlog.view.DecodeVersions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * The section {@code speed-layer}.
 *
 * @param trigger how the query runs
 * @param epochInterval from one commit to the next, in continuous mode
 * @param batchInterval minimum time from the start of one batch to the start of the next
 * @param maxOffsetsPerTrigger maximum number of records of one batch
 * @param maxWritesInFlight maximum number of unacknowledged writes of one JVM
 * @param outageTimeout how long Kafka or Cassandra may be unavailable while the query runs
 * @param olderVersion whether to write to a view to which a higher decode version has written
 * @param checkpoint the checkpoint folder
 * @param statusFile the status file, which the running layer replaces every second
 * @param master the Spark master, if spark-submit names none
 * @param uiPort port of the Spark UI; 0 for none
 * @param spark further Spark settings, without their leading {@code spark.}
 */
public record SpeedLayerSettings(
    TriggerMode trigger,
    Duration epochInterval,
    Duration batchInterval,
    long maxOffsetsPerTrigger,
    int maxWritesInFlight,
    Duration outageTimeout,
    DecodeVersions.OlderVersion olderVersion,
    Path checkpoint,
    Path statusFile,
    String master,
    int uiPort,
    Map<String, String> spark) {

  /** With a longer timeout, Spark's RPC timeout of the driver would end the query first. */
  private static final Duration MAX_OUTAGE_TIMEOUT = Duration.ofSeconds(100);

  private static final Duration MIN_OUTAGE_TIMEOUT = Duration.ofSeconds(5);

  public SpeedLayerSettings {
    Objects.requireNonNull(trigger);
    Objects.requireNonNull(epochInterval);
    Objects.requireNonNull(batchInterval);
    Objects.requireNonNull(outageTimeout);
    Objects.requireNonNull(olderVersion);
    checkpoint = checkpoint.toAbsolutePath().normalize();
    statusFile = statusFile.toAbsolutePath().normalize();
    Objects.requireNonNull(master);
    spark = Map.copyOf(spark);
  }

  /** Reads the section. */
  public static SpeedLayerSettings from(Settings settings) {
    Settings.Section section = settings.section("speed-layer");
    Duration outageTimeout = section.positiveDuration("outage-timeout");
    if (outageTimeout.compareTo(MIN_OUTAGE_TIMEOUT) < 0
        || outageTimeout.compareTo(MAX_OUTAGE_TIMEOUT) > 0) {
      throw section.reject("outage-timeout", SpeedLayerErrors.OUTAGE_TIMEOUT_RULE);
    }
    return new SpeedLayerSettings(
        section.choice("trigger", TriggerMode.class),
        section.positiveDuration("epoch-interval"),
        section.duration("batch-interval"),
        section.number("max-offsets-per-trigger", 1, Long.MAX_VALUE),
        section.integer("max-writes-in-flight", 1, 100_000),
        outageTimeout,
        section.flag("accept-older-version")
            ? DecodeVersions.OlderVersion.ACCEPT
            : DecodeVersions.OlderVersion.REFUSE,
        section.path("checkpoint"),
        section.path("status-file"),
        section.text("master"),
        section.integer("ui-port", 0, 65_535),
        section.map("spark"));
  }
}
