package io.foldlog.speed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.AtomicFile;
import io.foldlog.speed.meters.DelaySummary;
import io.foldlog.speed.meters.DriverMeters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the status file of the running query: a JSON file that is replaced atomically. Counts are
 * since the start of the query. Delays are from a record's timestamp to its acknowledgement.
 */
final class StatusPublisher {

  /** The state of the query. */
  enum State {
    RUNNING,
    /** Ended after a stop request. */
    STOPPED,
    FAILED
  }

  private static final Logger LOG = LoggerFactory.getLogger(StatusPublisher.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final TriggerMode trigger;
  private final TopicMetadata log;
  private final Supplier<QueryProgress> progress;
  private final Supplier<HeldBackRecords> heldBack;
  private final Supplier<DriverMeters.Snapshot> meters;
  private final InstantSource clock;
  private final Instant started;

  StatusPublisher(
      Path file,
      TriggerMode trigger,
      TopicMetadata log,
      Supplier<QueryProgress> progress,
      Supplier<HeldBackRecords> heldBack,
      Supplier<DriverMeters.Snapshot> meters,
      InstantSource clock) {
    this.file = file;
    this.trigger = trigger;
    this.log = log;
    this.progress = progress;
    this.heldBack = heldBack;
    this.meters = meters;
    this.clock = clock;
    this.started = clock.instant();
  }

  /** Replaces the file. A failure is only logged, so that it does not end the query. */
  synchronized void publish(State state) {
    try {
      AtomicFile.write(
          file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(status(state)));
    } catch (IOException | RuntimeException failure) {
      LOG.warn("event=status_not_written file={} reason=\"{}\"", file, failure.toString());
    }
  }

  private ObjectNode status(State state) {
    QueryProgress current = progress.get();
    DriverMeters.Snapshot counters = meters.get();
    ObjectNode status = JSON.createObjectNode();
    status.put("state", state.name().toLowerCase(Locale.ROOT));
    status.put("process", ProcessHandle.current().pid());
    status.put("started", started.toString());
    status.put("updated", clock.instant().toString());
    status.put("trigger", trigger.settingName());
    status.put("topic", log.topic());
    status.put("topic-id", log.topicId());
    current
        .epoch()
        .ifPresentOrElse(epoch -> status.put("epoch", epoch), () -> status.putNull("epoch"));
    status.put("in", counters.in());
    status.put("written", counters.written());
    status.put("rejected", counters.rejected());
    status.put("retried", counters.retried());
    status.put("unknown-members", counters.unknownMembers());
    status.put("lag", current.lag());
    put(status.putObject("held-back"), heldBack.get());
    status.put("log-id", current.offsets().logId().toString());
    put(status.putObject("offsets"), current.offsets());
    put(status.putObject("end-offsets"), current.end().offsets());
    ObjectNode delay = status.putObject("delay");
    put(delay.putObject("run"), counters.run());
    put(delay.putObject("last-minute"), counters.lastMinute());
    return status;
  }

  private void put(ObjectNode node, HeldBackRecords records) {
    Instant now = clock.instant();
    node.put("records", records.count());
    node.put("oldest", records.oldest().map(Instant::toString).orElse(null));
    node.put("age-s", records.age(now).toSeconds());
    if (!records.hanging().isEmpty()) {
      node.put("message", records.message(now));
    }
  }

  private static void put(ObjectNode node, LogOffsets offsets) {
    offsets
        .byPartition()
        .forEach((partition, offset) -> node.put(Integer.toString(partition), offset));
  }

  private static void put(ObjectNode node, DelaySummary delays) {
    node.put("count", delays.count());
    node.put("p50-ms", delays.p50Millis());
    node.put("p99-ms", delays.p99Millis());
  }
}
