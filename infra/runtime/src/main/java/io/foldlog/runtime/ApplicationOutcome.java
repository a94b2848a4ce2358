package io.foldlog.runtime;

import java.util.Objects;
import java.util.Optional;

/**
 * How a command ended.
 *
 * @param status its exit status
 * @param message one sentence for the person who ran it, printed to standard error; empty for none
 * @param result the typed result, which Jackson can write; also of a command that failed, where it
 *     has one
 */
public record ApplicationOutcome(ExitStatus status, String message, Optional<Object> result) {

  public ApplicationOutcome {
    Objects.requireNonNull(status);
    Objects.requireNonNull(message);
    Objects.requireNonNull(result);
  }

  /** Success without a result. */
  public static ApplicationOutcome success() {
    return of(ExitStatus.SUCCESS);
  }

  /** Success with a result. */
  public static ApplicationOutcome success(Object result) {
    return of(ExitStatus.SUCCESS, "", result);
  }

  /** A status alone. */
  public static ApplicationOutcome of(ExitStatus status) {
    return new ApplicationOutcome(status, "", Optional.empty());
  }

  /** A status with a result, and what to say about it. */
  public static ApplicationOutcome of(ExitStatus status, String message, Object result) {
    return new ApplicationOutcome(status, message, Optional.of(result));
  }
}
