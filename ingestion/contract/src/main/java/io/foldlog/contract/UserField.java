package io.foldlog.contract;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The cells of a user. Codec, statements, comparison and schema checks derive from this list. Its
 * order is the order of the table's columns. The JSON member of a cell has the name of its column.
 */
public enum UserField {
  FIRST_NAME("first_name", CellType.TEXT),
  LAST_NAME("last_name", CellType.TEXT),
  GENDER("gender", CellType.TEXT),
  ADDRESS("address", CellType.TEXT),
  /** Text, because leading zeros are significant. */
  POST_CODE("post_code", CellType.TEXT),
  EMAIL("email", CellType.TEXT),
  USERNAME("username", CellType.TEXT),
  DOB("dob", CellType.TIMESTAMP),
  REGISTERED_DATE("registered_date", CellType.TIMESTAMP),
  PHONE("phone", CellType.TEXT),
  PICTURE("picture", CellType.TEXT),
  TITLE("title", CellType.TEXT),
  STREET("street", CellType.TEXT),
  CITY("city", CellType.TEXT),
  STATE("state", CellType.TEXT),
  COUNTRY("country", CellType.TEXT),
  /** Degrees, -90 to 90. */
  LATITUDE("latitude", CellType.DOUBLE, 90),
  /** Degrees, -180 to 180. */
  LONGITUDE("longitude", CellType.DOUBLE, 180),
  TIMEZONE("timezone", CellType.TEXT),
  NATIONALITY("nationality", CellType.TEXT),
  CELL("cell", CellType.TEXT),
  /** The event's id; set by every write, never by an event's data. */
  LAST_EVENT_ID("last_event_id", CellType.TEXT, Origin.ENVELOPE),
  /** The event's type; set by every write, never by an event's data. */
  LAST_EVENT_TYPE("last_event_type", CellType.TEXT, Origin.ENVELOPE),
  /** The event's time in µs since 1970; set by every write, never by an event's data. */
  LAST_EVENT_TIME("last_event_time", CellType.BIGINT, Origin.ENVELOPE);

  private enum Origin {
    DATA,
    ENVELOPE
  }

  private static final List<UserField> ALL = List.of(values());
  private static final List<UserField> DATA =
      Arrays.stream(values()).filter(UserField::isData).toList();
  private static final int COUNT = values().length;

  private final String columnName;
  private final CellType type;
  private final double bound;
  private final Origin origin;

  UserField(String columnName, CellType type) {
    this(columnName, type, Double.NaN, Origin.DATA);
  }

  UserField(String columnName, CellType type, double bound) {
    this(columnName, type, bound, Origin.DATA);
  }

  UserField(String columnName, CellType type, Origin origin) {
    this(columnName, type, Double.NaN, origin);
  }

  UserField(String columnName, CellType type, double bound, Origin origin) {
    this.columnName = columnName;
    this.type = type;
    this.bound = bound;
    this.origin = origin;
  }

  /** Every cell, in the table's order. */
  public static List<UserField> all() {
    return ALL;
  }

  /** The cells that an event's data can set, in the table's order. */
  public static List<UserField> data() {
    return DATA;
  }

  /** The number of cells of a user. */
  public static int count() {
    return COUNT;
  }

  /** The field with this column name. */
  public static Optional<UserField> ofColumn(String columnName) {
    return ALL.stream().filter(field -> field.columnName.equals(columnName)).findFirst();
  }

  public String columnName() {
    return columnName;
  }

  public CellType type() {
    return type;
  }

  /** Whether an event's data can set the field. The other fields come from the event itself. */
  public boolean isData() {
    return origin == Origin.DATA;
  }

  /** The largest magnitude of a DOUBLE field; NaN for other fields. */
  public double bound() {
    return bound;
  }
}
