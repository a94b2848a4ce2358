package io.foldlog.runtime;

import java.util.Objects;
import java.util.Optional;

/**
 * The outcome of a command.
 *
 * @param status its exit status
 * @param message the message for the user, printed to standard error; empty if there is none
 * @param result the typed result, serializable by Jackson; a failed command may have one too
 */
public record ApplicationOutcome(ExitStatus status, String message, Optional<Object> result) {

  public ApplicationOutcome {
    Objects.requireNonNull(status);
    Objects.requireNonNull(message);
    Objects.requireNonNull(result);
  }

  public static ApplicationOutcome success() {
    return of(ExitStatus.SUCCESS);
  }

  public static ApplicationOutcome success(Object result) {
    return of(ExitStatus.SUCCESS, "", result);
  }

  public static ApplicationOutcome of(ExitStatus status) {
    return new ApplicationOutcome(status, "", Optional.empty());
  }

  public static ApplicationOutcome of(ExitStatus status, String message, Object result) {
    return new ApplicationOutcome(status, message, Optional.of(result));
  }
}
