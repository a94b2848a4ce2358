package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the record at which a layer ends for lack of heap. The heap may be filled by other things,
 * and the failure may be gone at the next start. So a record is named only when two starts in a row
 * ended at it.
 */
public final class PoisonRecords {

  private static final Logger LOG = LoggerFactory.getLogger(PoisonRecords.class);

  /** A record that takes less of the heap does not end a layer. */
  private static final int HEAP_PART = 10;

  private final EventTopic log;
  private final Memory memory;

  /** Remembers from one start to the next at which record a layer ended. */
  public interface Memory {

    /** The record at which the last start ended for lack of heap; empty if none is known. */
    Optional<RecordId> exhaustedAt();

    /** Remembers that this start ended for lack of heap, and at which record if it is known. */
    void storeExhaustedAt(Optional<RecordId> record);
  }

  public PoisonRecords(EventTopic log, Memory memory) {
    this.log = log;
    this.memory = memory;
  }

  /**
   * Searches the records that the layer has read or was about to read, one by one.
   *
   * @param from the first offset of each partition
   * @param end the offset after the last one of each partition
   * @param heap the heap of the JVMs that read the records, in bytes
   * @return the first record that takes a large part of that heap, if the last start ended at it
   *     too
   */
  public Optional<RecordId> secondEndAt(LogOffsets from, LogOffsets end, long heap) {
    try {
      Optional<RecordId> found = log.findLargeRecord(from, end, heap / HEAP_PART);
      boolean isSecond = found.isPresent() && memory.exhaustedAt().equals(found);
      memory.storeExhaustedAt(found);
      return isSecond ? found : Optional.empty();
    } catch (PipelineException failed) {
      LOG.warn("event=large_record_not_searched reason=\"{}\"", failed.getMessage());
      memory.storeExhaustedAt(Optional.empty());
      return Optional.empty();
    }
  }
}
