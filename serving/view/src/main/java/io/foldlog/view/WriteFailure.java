package io.foldlog.view;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.connection.BusyConnectionException;
import com.datastax.oss.driver.api.core.connection.FrameTooLongException;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.OverloadedException;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import com.datastax.oss.driver.api.core.servererrors.WriteTimeoutException;
import java.util.List;
import java.util.concurrent.CompletionException;

/** The classes of failed writes, by the required reaction. Also used for reads. */
enum WriteFailure {
  /** Reduce concurrent writes and retry this one. */
  OVERLOAD,
  /** Retry: a node is unavailable or is starting. */
  TRANSIENT,
  /** Not retryable. A user must act: a guardrail, a missing permission or a missing table. */
  REJECTED,
  /** Not an error of the database. */
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

  /** Whether Cassandra refuses this write, and may accept others: no permission is missing. */
  static boolean concernsOneWrite(Throwable cause) {
    return cause instanceof InvalidQueryException || cause instanceof FrameTooLongException;
  }

  static Throwable cause(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
