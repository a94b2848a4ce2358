package io.foldlog.lake;

import io.foldlog.contract.CellType;
import io.foldlog.contract.UserField;
import io.foldlog.lake.LakeColumn.Type;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables of the lake and their columns in order. Each table is a folder below {@code
 * lake.root}.
 */
public enum LakeSchema {
  /** The archive: every record of the log, unchanged; see {@link EventColumns}. */
  EVENTS(
      "events",
      List.of(
          column(EventColumns.TOPIC_ID, Type.STRING),
          column(EventColumns.PARTITION, Type.INTEGER),
          column(EventColumns.OFFSET, Type.LONG),
          column(EventColumns.TIMESTAMP, Type.TIMESTAMP),
          column(EventColumns.TIMESTAMP_TYPE, Type.INTEGER),
          column(EventColumns.KEY, Type.BINARY),
          column(EventColumns.VALUE, Type.BINARY),
          column(EventColumns.HEADERS, Type.HEADERS),
          column(EventColumns.DAY, Type.DATE)),
      List.of(EventColumns.DAY),
      4),

  /** The fold: the state of every user; see {@link UserColumns}. */
  USERS("users", users(), List.of(), 1),

  /** Archived records that are not events, with the reason. */
  REJECTED_EVENTS(
      "rejected_events",
      List.of(
          column(EventColumns.TOPIC_ID, Type.STRING),
          column(EventColumns.PARTITION, Type.INTEGER),
          column(EventColumns.OFFSET, Type.LONG),
          column(EventColumns.TIMESTAMP, Type.TIMESTAMP),
          column("code", Type.STRING),
          column("field", Type.STRING),
          column("sentence", Type.STRING)),
      List.of(),
      3),

  /** Number of registered users by nationality and by the UTC day of the event's time. */
  REGISTRATIONS_BY_DAY(
      "registrations_by_day",
      List.of(
          column("day", Type.DATE), column("nationality", Type.STRING), column("users", Type.LONG)),
      List.of(),
      1),

  /** Every repair, stored before it is written to the view. */
  REPAIRS(
      "repairs",
      List.of(
          column("run", Type.STRING),
          column(UserColumns.USER_ID, Type.STRING),
          column("round", Type.INTEGER),
          column("finding", Type.STRING),
          column("cell", Type.STRING),
          column("observed_time", Type.LONG),
          column("action", Type.STRING),
          column("value", Type.BINARY),
          column("repair_time", Type.LONG),
          column("above_event_time", Type.BOOLEAN),
          column("recorded", Type.TIMESTAMP)),
      List.of(),
      2),

  /** The result of each batch run. */
  RECONCILE_RUNS(
      "reconcile_runs",
      List.of(
          column("run", Type.STRING),
          column("command", Type.STRING),
          column("started", Type.TIMESTAMP),
          column("ended", Type.TIMESTAMP),
          column("status", Type.INTEGER),
          column("reconciled", Type.BOOLEAN),
          column("scope", Type.STRING),
          column("slice", Type.INTEGER),
          column("slices", Type.INTEGER),
          column("users_version", Type.LONG),
          column("folded", Type.STRING),
          column("decode_version", Type.INTEGER),
          column("report", Type.STRING)),
      List.of(),
      4);

  private final String folder;
  private final List<LakeColumn> columns;
  private final List<String> partitionedBy;
  private final int indexedColumns;

  LakeSchema(
      String folder, List<LakeColumn> columns, List<String> partitionedBy, int indexedColumns) {
    this.folder = folder;
    this.columns = List.copyOf(columns);
    this.partitionedBy = List.copyOf(partitionedBy);
    this.indexedColumns = indexedColumns;
  }

  /** The name of the table and of its folder. */
  public String folder() {
    return folder;
  }

  /** The columns in the order of the table. */
  public List<LakeColumn> columns() {
    return columns;
  }

  /** The partition columns. */
  public List<String> partitionedBy() {
    return partitionedBy;
  }

  /** The number of leading columns for which Delta keeps file statistics. */
  public int indexedColumns() {
    return indexedColumns;
  }

  private static LakeColumn column(String name, Type type) {
    return new LakeColumn(name, type);
  }

  private static List<LakeColumn> users() {
    List<LakeColumn> columns = new ArrayList<>();
    columns.add(column(UserColumns.USER_ID, Type.STRING));
    columns.add(column(UserColumns.DELETED_TIME, Type.LONG));
    columns.add(column(UserColumns.WRITTEN_TIME, Type.LONG));
    for (UserField field : UserField.all()) {
      columns.add(column(field.columnName(), type(field.type())));
      columns.add(column(UserColumns.timeOf(field.columnName()), Type.LONG));
    }
    return columns;
  }

  private static Type type(CellType type) {
    return switch (type) {
      case TEXT -> Type.STRING;
      case TIMESTAMP -> Type.TIMESTAMP;
      case DOUBLE -> Type.DOUBLE;
      case BIGINT -> Type.LONG;
    };
  }
}
