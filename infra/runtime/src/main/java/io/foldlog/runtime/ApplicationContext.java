package io.foldlog.runtime;

import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Objects;

/**
 * What an application is given to run with.
 *
 * @param settings all settings; each part reads its own section
 * @param stop raised when the application has to end
 * @param clock the time
 * @param out where it prints what its user asked for; logs go to the logging system
 */
public record ApplicationContext(
    Settings settings, StopSignal stop, InstantSource clock, PrintStream out) {

  public ApplicationContext {
    Objects.requireNonNull(settings);
    Objects.requireNonNull(stop);
    Objects.requireNonNull(clock);
    Objects.requireNonNull(out);
  }
}
