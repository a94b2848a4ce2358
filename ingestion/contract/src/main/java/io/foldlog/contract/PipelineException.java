package io.foldlog.contract;

import java.util.Objects;

/**
 * A failure that a person can act on: its message says what is wrong, where, and what to do, so an
 * application ends with that sentence and the status of its {@link Kind} instead of a stack trace.
 * Whatever else is thrown is a bug.
 */
public final class PipelineException extends RuntimeException {

  /** What kind of failure it is; every application maps each kind to one exit status. */
  public enum Kind {
    /** Settings, arguments or input were refused; the same run again fails again. */
    REFUSED,
    /** The log, the lake or a checkpoint is not what was recorded of it. */
    RECORD_CHANGED,
    /** More destructive repairs than the limit allows. */
    DESTRUCTIVE_LIMIT,
    /** Drift that did not yield to its repair. */
    UNYIELDING_DRIFT,
    /** A server did not answer in time; the same run may succeed later. */
    UNAVAILABLE
  }

  private final Kind kind;

  private PipelineException(Kind kind, String message, Throwable cause) {
    super(Objects.requireNonNull(message), cause);
    this.kind = kind;
  }

  public static PipelineException refused(String message) {
    return new PipelineException(Kind.REFUSED, message, null);
  }

  public static PipelineException refused(String message, Throwable cause) {
    return new PipelineException(Kind.REFUSED, message, cause);
  }

  public static PipelineException recordChanged(String message) {
    return new PipelineException(Kind.RECORD_CHANGED, message, null);
  }

  public static PipelineException recordChanged(String message, Throwable cause) {
    return new PipelineException(Kind.RECORD_CHANGED, message, cause);
  }

  public static PipelineException destructiveLimit(String message) {
    return new PipelineException(Kind.DESTRUCTIVE_LIMIT, message, null);
  }

  public static PipelineException unyieldingDrift(String message) {
    return new PipelineException(Kind.UNYIELDING_DRIFT, message, null);
  }

  public static PipelineException unavailable(String message, Throwable cause) {
    return new PipelineException(Kind.UNAVAILABLE, message, cause);
  }

  public Kind kind() {
    return kind;
  }
}
