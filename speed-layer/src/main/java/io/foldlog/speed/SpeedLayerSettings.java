package io.foldlog.speed;

import io.foldlog.runtime.Settings;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * The section {@code speed-layer}.
 *
 * @param trigger how the query runs
 * @param epochInterval from one commit to the next, in continuous mode
 * @param batchInterval from the start of one batch to the start of the next, at least
 * @param maxOffsetsPerTrigger the most records of one batch
 * @param maxWritesInFlight the bound of unacknowledged writes of one JVM
 * @param outageTimeout how long Kafka or Cassandra may be away while the query runs
 * @param checkpoint the folder that says how far the log is written
 * @param statusFile what the running layer says of itself, as JSON, written anew every second
 * @param master where Spark runs when it was not said at the start
 * @param uiPort of the Spark UI; 0 for none
 * @param spark further settings of Spark's own
 */
public record SpeedLayerSettings(
    TriggerMode trigger,
    Duration epochInterval,
    Duration batchInterval,
    long maxOffsetsPerTrigger,
    int maxWritesInFlight,
    Duration outageTimeout,
    Path checkpoint,
    Path statusFile,
    String master,
    int uiPort,
    Map<String, String> spark) {

  /** Beyond this, Spark's own limit for an answer from the driver would end the query first. */
  private static final Duration LONGEST_OUTAGE = Duration.ofSeconds(100);

  private static final Duration SHORTEST_OUTAGE = Duration.ofSeconds(5);

  public SpeedLayerSettings {
    Objects.requireNonNull(trigger);
    Objects.requireNonNull(epochInterval);
    Objects.requireNonNull(batchInterval);
    Objects.requireNonNull(outageTimeout);
    checkpoint = checkpoint.toAbsolutePath().normalize();
    statusFile = statusFile.toAbsolutePath().normalize();
    Objects.requireNonNull(master);
    spark = Map.copyOf(spark);
  }

  /** Maps the section. */
  public static SpeedLayerSettings from(Settings settings) {
    Settings.Section section = settings.section("speed-layer");
    Duration outageTimeout = section.positiveDuration("outage-timeout");
    if (outageTimeout.compareTo(SHORTEST_OUTAGE) < 0
        || outageTimeout.compareTo(LONGEST_OUTAGE) > 0) {
      throw section.refuse("outage-timeout", SpeedLayerErrors.OUTAGE_TIMEOUT_RULE);
    }
    return new SpeedLayerSettings(
        section.choice("trigger", TriggerMode.class),
        section.positiveDuration("epoch-interval"),
        section.duration("batch-interval"),
        section.number("max-offsets-per-trigger", 1, Long.MAX_VALUE),
        section.integer("max-writes-in-flight", 1, 100_000),
        outageTimeout,
        section.path("checkpoint"),
        section.path("status-file"),
        section.text("master"),
        section.integer("ui-port", 0, 65_535),
        section.map("spark"));
  }
}
