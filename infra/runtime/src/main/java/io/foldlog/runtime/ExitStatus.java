package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;

/**
 * The exit statuses of every application. Orchestration acts on the {@link #code()} alone; {@code
 * docs/runbook.md} lists each with its action.
 */
public enum ExitStatus {
  /** Success. The report contains repairs and exclusions. */
  SUCCESS(0, false),
  /** An unexpected failure; the log contains the stack trace. */
  INTERNAL_ERROR(1, false),
  /** Settings, arguments or input are invalid. */
  USAGE_ERROR(2, false),
  /**
   * The log, the lake, the view or a checkpoint differs from its recorded state, or a required
   * earlier step did not run.
   */
  STATE_MISMATCH(3, false),
  /** More users need destructive repairs than the limit allows. */
  REPAIR_LIMIT_EXCEEDED(4, false),
  /** Drift that remains after its repair, or differences that the verifier found. */
  UNRESOLVED_DRIFT(5, false),
  /** A server did not answer in time. */
  UNAVAILABLE(6, true),
  /** The heap or the disk is too small. */
  RESOURCE_EXHAUSTED(7, false),
  /** Orderly shutdown after SIGINT. */
  INTERRUPTED(130, true),
  /** Orderly shutdown after SIGTERM. */
  TERMINATED(143, true);

  private final int code;
  private final boolean retryable;

  ExitStatus(int code, boolean retryable) {
    this.code = code;
    this.retryable = retryable;
  }

  /** The exit code of the process. */
  public int code() {
    return code;
  }

  /** Whether the same run may succeed later although nothing is changed. */
  public boolean isRetryable() {
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
