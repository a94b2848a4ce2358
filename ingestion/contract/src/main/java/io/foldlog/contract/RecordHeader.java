package io.foldlog.contract;

import java.util.Objects;

/**
 * A header of a Kafka record. Names may repeat within a record.
 *
 * @param value the bytes, or null if the header has none; shared, and must not be modified
 */
public record RecordHeader(String name, byte[] value) {

  public RecordHeader {
    Objects.requireNonNull(name);
  }
}
