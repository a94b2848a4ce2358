package io.foldlog.lake;

/**
 * The columns of the table {@code users}, which contains the fold with one row per user. For each
 * field, {@code <field>} is the value and {@code <field>_time} is its writetime in µs since 1970. A
 * cleared field has a time and no value. Times that do not exist are null.
 */
public final class UserColumns {

  public static final String USER_ID = "user_id";

  /** The latest deletion, µs since 1970. */
  public static final String DELETED_TIME = "deleted_time";

  /** The latest write, µs since 1970. */
  public static final String WRITTEN_TIME = "written_time";

  private static final String TIME_SUFFIX = "_time";

  private UserColumns() {}

  /** The column with the time of a field's value. */
  public static String timeOf(String field) {
    return field + TIME_SUFFIX;
  }
}
