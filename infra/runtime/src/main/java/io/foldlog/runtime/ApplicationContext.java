package io.foldlog.runtime;

import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Objects;

/**
 * The inputs of one application run.
 *
 * @param settings all settings; each part reads its own section
 * @param stop tells the application when it must end
 * @param clock the source of the current time
 * @param out receives the output that the user asked for; logs go to the logging system
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
