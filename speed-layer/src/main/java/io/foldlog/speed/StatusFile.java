package io.foldlog.speed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foldlog.log.LogIdentity;
import io.foldlog.log.LogOffsets;
import io.foldlog.speed.meters.DelaySummary;
import io.foldlog.speed.meters.DriverMeters;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the running layer says of itself, for status lines and tests: a JSON file, replaced as a
 * whole. Counts are since the start; delays are from a record's timestamp to its acknowledgement.
 */
final class StatusFile {

  private static final Logger LOG = LoggerFactory.getLogger(StatusFile.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final TriggerMode trigger;
  private final LogIdentity log;
  private final Instant started = Instant.now();

  StatusFile(Path file, TriggerMode trigger, LogIdentity log) {
    this.file = file;
    this.trigger = trigger;
    this.log = log;
  }

  /** Replaces the file; a failure is logged, because the query is worth more than its status. */
  void write(
      String state, long epoch, LogOffsets written, LogOffsets end, DriverMeters.Snapshot meters) {
    ObjectNode status = JSON.createObjectNode();
    status.put("state", state);
    status.put("process", ProcessHandle.current().pid());
    status.put("started", started.toString());
    status.put("updated", Instant.now().toString());
    status.put("trigger", trigger.settingName());
    status.put("topic", log.topic());
    status.put("topic-id", log.topicId());
    status.put("epoch", epoch);
    status.put("in", meters.in());
    status.put("written", meters.written());
    status.put("rejected", meters.rejected());
    status.put("retried", meters.retried());
    status.put("unknown-members", meters.unknownMembers());
    status.put("lag", written.recordsUntil(end));
    put(status.putObject("offsets"), written);
    put(status.putObject("end-offsets"), end);
    ObjectNode delay = status.putObject("delay");
    put(delay.putObject("run"), meters.run());
    put(delay.putObject("last-minute"), meters.lastMinute());
    try {
      AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(status));
    } catch (IOException failure) {
      LOG.warn("status_file={} reason=\"{}\"", file, failure.toString());
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
