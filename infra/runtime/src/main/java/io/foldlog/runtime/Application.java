package io.foldlog.runtime;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Locale;

/**
 * Runs an {@link ApplicationCommand} as a process: sets English as the locale, parses the
 * arguments, loads the settings, handles signals, writes the result file and sets the exit status.
 *
 * <p>A failure that a user can act on prints one message to standard error. Only an internal error
 * prints a stack trace.
 */
public final class Application {

  private Application() {}

  /** Runs the command and exits the process with its status. Does not return. */
  public static void main(ApplicationCommand command, String... arguments) {
    // libraries too format addresses and file names with the default locale, which may have its own
    // digits
    Locale.setDefault(Locale.ENGLISH);
    StopSignal stop = new StopSignal();
    CommandTree tree = CommandTree.of(command, System.out);
    ApplicationRunner runner =
        new ApplicationRunner(
            file -> Settings.load(file, System.getenv()),
            settings -> ProcessSignals.connect(stop, settings.shutdownTimeout()),
            stop,
            InstantSource.system(),
            System.out);
    ApplicationResult result = runner.run(tree, arguments);
    ExitStatus status = result.status();
    if (!result.message().isEmpty()) {
      System.err.println(result.message());
    }
    if (tree.resultFile().isPresent()) {
      try {
        result.write(tree.resultFile().get());
      } catch (IOException failure) {
        System.err.printf(
            "The result file %s (--result) cannot be written: %s.%n",
            tree.resultFile().get(), failure);
        status = status == ExitStatus.SUCCESS ? ExitStatus.USAGE_ERROR : status;
      }
    }
    System.out.flush();
    System.err.flush();
    System.exit(status.code());
  }
}
