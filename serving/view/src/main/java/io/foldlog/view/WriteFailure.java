package io.foldlog.view;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.connection.BusyConnectionException;
import com.datastax.oss.driver.api.core.connection.FrameTooLongException;
import com.datastax.oss.driver.api.core.servererrors.OverloadedException;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import com.datastax.oss.driver.api.core.servererrors.WriteTimeoutException;
import java.util.List;
import java.util.concurrent.CompletionException;

/** What a failed write calls for; a failed read calls for no less. */
enum WriteFailure {
  /** Fewer writes at once, and this one again. */
  OVERLOAD,
  /** This one again: a node is away, or comes back. */
  TRANSIENT,
  /** Nothing cures it but a person: a guardrail, a missing permission or table. */
  REJECTED,
  /** Nothing the database says. */
  UNEXPECTED;

  static WriteFailure of(Throwable error) {
    Throwable cause = cause(error);
    if (cause instanceof QueryValidationException || cause instanceof FrameTooLongException) {
      return REJECTED;
    }
    if (cause instanceof OverloadedException
        || cause instanceof WriteTimeoutException
        || cause instanceof DriverTimeoutException
        || cause instanceof BusyConnectionException) {
      return OVERLOAD;
    }
    if (cause instanceof AllNodesFailedException failed) {
      return failed.getAllErrors().values().stream()
              .flatMap(List::stream)
              .anyMatch(
                  each ->
                      each instanceof OverloadedException
                          || each instanceof BusyConnectionException)
          ? OVERLOAD
          : TRANSIENT;
    }
    return cause instanceof DriverException ? TRANSIENT : UNEXPECTED;
  }

  static Throwable cause(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
