package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;

/**
 * How an application ended, the same for every application. Orchestration acts on the {@link
 * #code()} alone; {@code docs/runbook.md} lists each with its action.
 */
public enum ExitStatus {
  /** Done; whatever was repaired or left aside is in the report. */
  DONE(0, false),
  /** A failure nobody foresaw; the stack trace is on standard error. */
  BUG(1, false),
  /** Settings, arguments or input were refused. */
  REFUSED(2, false),
  /** The log, the lake or a checkpoint is not what was recorded of it. */
  RECORD_CHANGED(3, false),
  /** More destructive repairs than the limit allows. */
  DESTRUCTIVE_LIMIT(4, false),
  /** Drift that did not yield to its repair. */
  UNYIELDING_DRIFT(5, false),
  /** A server did not answer in time. */
  UNAVAILABLE(6, true),
  /** Stopped in order after SIGINT. */
  INTERRUPTED(130, true),
  /** Stopped in order after SIGTERM. */
  TERMINATED(143, true);

  private final int code;
  private final boolean worthRetry;

  ExitStatus(int code, boolean worthRetry) {
    this.code = code;
    this.worthRetry = worthRetry;
  }

  /** The status of the process. */
  public int code() {
    return code;
  }

  /** Whether the same run may succeed when it is started again, with nothing changed. */
  public boolean worthRetry() {
    return worthRetry;
  }

  /** The status that a failure of this kind ends an application with. */
  public static ExitStatus of(PipelineException.Kind kind) {
    return switch (kind) {
      case REFUSED -> REFUSED;
      case RECORD_CHANGED -> RECORD_CHANGED;
      case DESTRUCTIVE_LIMIT -> DESTRUCTIVE_LIMIT;
      case UNYIELDING_DRIFT -> UNYIELDING_DRIFT;
      case UNAVAILABLE -> UNAVAILABLE;
    };
  }
}
