package io.foldlog.producer;

import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
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
 * Compares an {@link AckJournal} with the log: each event at its place, and with the same bytes
 * wherever a run that was tried again recorded it once more. Keeps the account in memory, some 100
 * bytes a line. For one thread, once.
 */
final class AckVerifier {

  private final EventDecoder decoder;
  private final Beginning beginning;
  private final Map<Place, String> ids = new HashMap<>();
  private final Map<String, byte[]> digests = new HashMap<>();
  private final Map<Place, String> wrong = new HashMap<>();

  private record Place(int partition, long offset) {}

  /**
   * What was found.
   *
   * @param acknowledged places in the file
   * @param events different events at them
   * @param missing places where the log does not hold the event
   * @param differing places where the event has other bytes than at another
   * @param from where the log ended before the run
   * @param end where it ended afterwards
   * @param example a place that is not as it should be, in words; else empty
   */
  record Findings(
      int acknowledged,
      int events,
      int missing,
      int differing,
      LogOffsets from,
      LogOffsets end,
      String example) {

    boolean isSound() {
      return missing == 0 && differing == 0;
    }

    String line() {
      return "acknowledged=%d events=%d missing=%d differing=%d from=%s end=%s"
          .formatted(acknowledged, events, missing, differing, from, end);
    }
  }

  /**
   * Reads the file.
   *
   * @throws PipelineException usage error, when it is no such file
   */
  AckVerifier(Path file, EventDecoder decoder) {
    this.decoder = decoder;
    Map<String, String> once = new HashMap<>();
    beginning =
        AckJournal.read(
            file,
            line ->
                ids.put(
                    new Place(line.partition(), line.offset()),
                    once.computeIfAbsent(line.id(), id -> id)));
  }

  /**
   * Reads the log from where it ended before the run up to the offsets.
   *
   * @throws PipelineException state mismatch, when the topic is another now, or records are gone
   */
  Findings in(EventTopic log, LogOffsets end) {
    int acknowledged = ids.size();
    log.read(beginning.offsets(), end, this::take);
    int differing = wrong.size();
    wrong.putAll(ids);
    return new Findings(
        acknowledged,
        digests.size(),
        ids.size(),
        differing,
        beginning.offsets(),
        end,
        wrong.entrySet().stream()
            .findFirst()
            .map(
                one ->
                    ProducerErrors.eventAt(
                        one.getKey().partition(), one.getKey().offset(), one.getValue()))
            .orElse(""));
  }

  private void take(LogRecord record) {
    Place place = new Place(record.partition(), record.offset());
    String id = ids.get(place);
    if (id == null || !id.equals(id(record))) {
      return;
    }
    ids.remove(place);
    byte[] digest = digest(record.value());
    byte[] before = digests.putIfAbsent(id, digest);
    if (before != null && !Arrays.equals(before, digest)) {
      wrong.put(place, id);
    }
  }

  /** The event's id; of what is no event, a text that is no id. */
  private String id(LogRecord record) {
    return record.decodedBy(decoder) instanceof UserEvent event ? event.id() : "";
  }

  private static byte[] digest(byte[] value) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(value);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
