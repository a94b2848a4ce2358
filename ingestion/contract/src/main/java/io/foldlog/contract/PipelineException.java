package io.foldlog.contract;

import java.util.Objects;

/**
 * A failure that a user can act on. Its message says what failed, where, why, and what to do. An
 * application prints that message and exits with the status of its {@link Kind}, without a stack
 * trace. Any other exception is an internal error.
 */
public final class PipelineException extends RuntimeException {

  /** The kind of a failure; every application maps each kind to one exit status. */
  public enum Kind {
    /** Settings, arguments or input are invalid; the same run fails again. */
    USAGE_ERROR,
    /**
     * The log, the lake, the view or a checkpoint differs from its recorded state, or a required
     * earlier step did not run.
     */
    STATE_MISMATCH,
    /** More users need destructive repairs than the limit allows. */
    REPAIR_LIMIT_EXCEEDED,
    /** Drift that remains after its repair. */
    UNRESOLVED_DRIFT,
    /** A server did not answer in time; the same run may succeed later. */
    UNAVAILABLE,
    /** The heap or the disk is too small. */
    RESOURCE_EXHAUSTED
  }

  private final Kind kind;

  private PipelineException(Kind kind, String message, Throwable cause) {
    super(Objects.requireNonNull(message), cause);
    this.kind = kind;
  }

  public static PipelineException usageError(String message) {
    return new PipelineException(Kind.USAGE_ERROR, message, null);
  }

  public static PipelineException usageError(String message, Throwable cause) {
    return new PipelineException(Kind.USAGE_ERROR, message, cause);
  }

  public static PipelineException stateMismatch(String message) {
    return new PipelineException(Kind.STATE_MISMATCH, message, null);
  }

  public static PipelineException stateMismatch(String message, Throwable cause) {
    return new PipelineException(Kind.STATE_MISMATCH, message, cause);
  }

  public static PipelineException repairLimitExceeded(String message) {
    return new PipelineException(Kind.REPAIR_LIMIT_EXCEEDED, message, null);
  }

  public static PipelineException unresolvedDrift(String message) {
    return new PipelineException(Kind.UNRESOLVED_DRIFT, message, null);
  }

  public static PipelineException unavailable(String message, Throwable cause) {
    return new PipelineException(Kind.UNAVAILABLE, message, cause);
  }

  public static PipelineException resourceExhausted(String message, Throwable cause) {
    return new PipelineException(Kind.RESOURCE_EXHAUSTED, message, cause);
  }

  public Kind kind() {
    return kind;
  }
}
