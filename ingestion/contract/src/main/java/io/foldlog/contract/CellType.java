package io.foldlog.contract;

/** The CQL type of a cell. It defines the format of the cell's bytes. */
public enum CellType {
  /** UTF-8. */
  TEXT("text"),
  /** Milliseconds since 1970-01-01T00:00Z, 8 bytes, big-endian. */
  TIMESTAMP("timestamp"),
  /** IEEE 754, 8 bytes, big-endian. */
  DOUBLE("double"),
  /** 8 bytes, big-endian. */
  BIGINT("bigint");

  private final String cqlName;

  CellType(String cqlName) {
    this.cqlName = cqlName;
  }

  public String cqlName() {
    return cqlName;
  }
}
