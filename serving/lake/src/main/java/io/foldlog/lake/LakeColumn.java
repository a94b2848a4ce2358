package io.foldlog.lake;

import java.util.Objects;

/**
 * A column of a table of the lake; every column may be null.
 *
 * @param name as in the table
 * @param type of its values
 */
public record LakeColumn(String name, Type type) {

  /** The Delta type of a column's values. */
  public enum Type {
    STRING,
    INTEGER,
    LONG,
    DOUBLE,
    BOOLEAN,
    BINARY,
    /** Microseconds, UTC. */
    TIMESTAMP,
    /** A day, UTC. */
    DATE,
    /**
     * A record's headers in order: an array of structs of {@code key} (string), {@code value}
     * (binary).
     */
    HEADERS
  }

  public LakeColumn {
    Objects.requireNonNull(name);
    Objects.requireNonNull(type);
  }
}
