package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;

/**
 * The exit statuses of every application. Orchestration acts on the {@link #code()} alone; {@code
 * docs/runbook.md} lists each with its action.
 */
public enum ExitStatus {
  /** Success; repairs and exclusions are in the report. */
  SUCCESS(0, false),
  /** A failure that the product does not know; the stack trace is in the log. */
  INTERNAL_ERROR(1, false),
  /** Settings, arguments or input are not acceptable. */
  USAGE_ERROR(2, false),
  /**
   * The log, the lake, the view or a checkpoint is not what was recorded of it, or a step that has
   * to come first is missing.
   */
  STATE_MISMATCH(3, false),
  /** More users need destructive repairs than the limit allows. */
  REPAIR_LIMIT_EXCEEDED(4, false),
  /** Drift that is still there after its repair, or differences that the verifier found. */
  UNRESOLVED_DRIFT(5, false),
  /** A server did not answer in time. */
  UNAVAILABLE(6, true),
  /** The heap or the disk is too small. */
  RESOURCE_EXHAUSTED(7, false),
  /** Stopped in order after SIGINT. */
  INTERRUPTED(130, true),
  /** Stopped in order after SIGTERM. */
  TERMINATED(143, true);

  private final int code;
  private final boolean retryable;

  ExitStatus(int code, boolean retryable) {
    this.code = code;
    this.retryable = retryable;
  }

  /** The exit status of the process. */
  public int code() {
    return code;
  }

  /** Whether the same run may succeed when it is started again, with nothing changed. */
  public boolean retryable() {
    return retryable;
  }

  /** The status that an application exits with after a failure of this kind. */
  public static ExitStatus of(PipelineException.Kind kind) {
    return switch (kind) {
      case USAGE_ERROR -> USAGE_ERROR;
      case STATE_MISMATCH -> STATE_MISMATCH;
      case REPAIR_LIMIT_EXCEEDED -> REPAIR_LIMIT_EXCEEDED;
      case UNRESOLVED_DRIFT -> UNRESOLVED_DRIFT;
      case UNAVAILABLE -> UNAVAILABLE;
      case RESOURCE_EXHAUSTED -> RESOURCE_EXHAUSTED;
    };
  }
}
