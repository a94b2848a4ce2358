package io.foldlog.lake;

/**
 * The columns of {@code users}, which holds the fold: one row per user. Of each field {@code
 * <field>} is its value and {@code <field>_time} when it was written, in µs since 1970; a cleared
 * field has a time and no value. Times that do not exist are null.
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
