package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.internal.core.session.SessionWrapper;

/**
 * A session whose {@link #close} does not wait. The driver's implementation waits until its event
 * loops are idle for two seconds, which is longer than most operations on the view.
 */
final class AsyncCloseSession extends SessionWrapper implements CqlSession {

  private AsyncCloseSession(CqlSession session) {
    super(session);
  }

  static CqlSessionBuilder builder() {
    return new CqlSessionBuilder() {
      @Override
      protected CqlSession wrap(CqlSession session) {
        return new AsyncCloseSession(session);
      }
    };
  }

  /** Closes the session asynchronously. */
  @Override
  public void close() {
    closeAsync();
  }
}
