package io.foldlog.producer;

import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import io.foldlog.producer.AckJournal.Beginning;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Compares an {@link AckJournal} with the log. The log must hold each event at its partition and
 * offset. An event that a repeated run recorded again must have the same bytes. Keeps the journal
 * in memory, about 100 bytes per line. For one thread and one use.
 */
final class AckVerifier {

  private final EventDecoder decoder;
  private final Beginning beginning;
  private final Map<Position, String> ids = new HashMap<>();
  private final Map<String, byte[]> digests = new HashMap<>();
  private final Map<Position, String> invalid = new HashMap<>();

  private record Position(int partition, long offset) {}

  /**
   * The result.
   *
   * @param acknowledged positions in the file
   * @param events different events at these positions
   * @param missing positions where the log does not hold the event
   * @param heldBack positions past the end, where an open transaction holds the events back
   * @param differing positions where the event has other bytes than at another position
   * @param from end offsets before the run
   * @param end end offsets after the run
   * @param example an example of a missing or differing event; empty if there is none
   */
  record Findings(
      int acknowledged,
      int events,
      int missing,
      int heldBack,
      int differing,
      LogOffsets from,
      LogOffsets end,
      String example) {

    boolean isSound() {
      return missing == 0 && differing == 0;
    }

    String line() {
      return "acknowledged=%d events=%d missing=%d held_back=%d differing=%d from=%s end=%s"
          .formatted(acknowledged, events, missing, heldBack, differing, from, end);
    }
  }

  /**
   * Reads the journal.
   *
   * @throws PipelineException usage error, when the file is not an ack journal
   */
  AckVerifier(Path file, EventDecoder decoder) {
    this.decoder = decoder;
    Map<String, String> interned = new HashMap<>();
    beginning =
        AckJournal.read(
            file,
            line ->
                ids.put(
                    new Position(line.partition(), line.offset()),
                    interned.computeIfAbsent(line.id(), id -> id)));
  }

  /**
   * Reads the log from the end offsets before the run up to the given end.
   *
   * @throws PipelineException state mismatch, when the topic was created again, or records are
   *     missing
   */
  Findings in(EventTopic log, EndOffsets ends) {
    LogOffsets end = ends.offsets();
    int acknowledged = ids.size();
    log.read(beginning.offsets(), end, this::check);
    int heldBack = removeHeldBack(ends);
    int differing = invalid.size();
    invalid.putAll(ids);
    return new Findings(
        acknowledged,
        digests.size(),
        ids.size(),
        heldBack,
        differing,
        beginning.offsets(),
        end,
        invalid.entrySet().stream()
            .findFirst()
            .map(
                entry ->
                    ProducerErrors.eventAt(
                        entry.getKey().partition(), entry.getKey().offset(), entry.getValue()))
            .orElse(""));
  }

  /**
   * Positions between the last stable offset and the high watermark are not known to be missing.
   */
  private int removeHeldBack(EndOffsets ends) {
    int before = ids.size();
    ids.keySet()
        .removeIf(
            position ->
                position.offset() >= ends.offsets().offset(position.partition())
                    && position.offset() < ends.highWatermarks().offset(position.partition()));
    return before - ids.size();
  }

  private void check(LogRecord record) {
    Position position = new Position(record.partition(), record.offset());
    String id = ids.get(position);
    if (id == null || !id.equals(id(record))) {
      return;
    }
    ids.remove(position);
    byte[] digest = digest(record.value());
    byte[] before = digests.putIfAbsent(id, digest);
    if (before != null && !Arrays.equals(before, digest)) {
      invalid.put(position, id);
    }
  }

  /** The event's id; an empty text if the record is not an event. */
  private String id(LogRecord record) {
    return record.decodeWith(decoder) instanceof UserEvent event ? event.id() : "";
  }

  private static byte[] digest(byte[] value) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(value);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
