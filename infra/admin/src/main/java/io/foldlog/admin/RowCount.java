package io.foldlog.admin;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import io.foldlog.admin.errors.AdminErrors;

/**
 * Counts the rows of the view. Counting takes at most a tenth of the time between calls, so a call
 * may return an earlier count.
 */
final class RowCount {
  private static final int PAUSE_FACTOR = 10;

  private final CqlSession session;
  private final String keyspace;
  private long rows;
  private long nextCountNanos = System.nanoTime();

  RowCount(CqlSession session, String keyspace) {
    this.session = session;
    this.keyspace = keyspace;
  }

  long count() {
    long start = System.nanoTime();
    if (start - nextCountNanos < 0) {
      return rows;
    }
    try {
      rows =
          session.execute("SELECT count(*) FROM " + keyspace + ".created_users").one().getLong(0);
    } catch (DriverException e) {
      throw AdminErrors.rowsWereNotCounted(keyspace, e);
    }
    long end = System.nanoTime();
    nextCountNanos = end + PAUSE_FACTOR * (end - start);
    return rows;
  }
}
