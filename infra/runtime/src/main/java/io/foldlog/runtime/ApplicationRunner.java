package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Runs an {@link ApplicationCommand} in this JVM, as its main would: parses the arguments, loads
 * the settings, translates failures and returns the typed result. Does not exit the process,
 * install signal handlers or use global streams. Safe for use by many threads.
 */
public final class ApplicationRunner {

  private static final Logger LOG = LoggerFactory.getLogger(ApplicationRunner.class);
  private static final String MORE_HEAP =
      "Raise it (java's -Xmx, spark-submit's --driver-memory, or the heap setting of the program that starts it), and run this again.";

  /** Loads the settings after the arguments are parsed. */
  @FunctionalInterface
  interface SettingsSource {
    /**
     * Loads the settings.
     *
     * @param file the file of {@code --settings}, if the option is given
     */
    Settings load(Optional<Path> file);
  }

  /** Receives the settings before the command runs. */
  @FunctionalInterface
  interface BeforeRun {
    void prepare(Settings settings);
  }

  private final SettingsSource settings;
  private final BeforeRun beforeRun;
  private final StopSignal stop;
  private final InstantSource clock;
  private final PrintStream out;

  ApplicationRunner(
      SettingsSource settings,
      BeforeRun beforeRun,
      StopSignal stop,
      InstantSource clock,
      PrintStream out) {
    this.settings = settings;
    this.beforeRun = beforeRun;
    this.stop = stop;
    this.clock = clock;
    this.out = out;
  }

  /**
   * Runs the command and returns when it has ended.
   *
   * @param command a new instance; its options are set from the arguments
   * @param arguments as on a command line, including a sub-command
   * @return the result; {@link ApplicationResult#output} contains the printed text
   */
  public static ApplicationResult run(
      ApplicationCommand command, Settings settings, String... arguments) {
    return run(command, settings, new StopSignal(), arguments);
  }

  /**
   * As {@link #run(ApplicationCommand, Settings, String...)}, with a signal that stops the command.
   */
  public static ApplicationResult run(
      ApplicationCommand command, Settings settings, StopSignal stop, String... arguments) {
    return run(command, settings, stop, InstantSource.system(), arguments);
  }

  /** As {@link #run(ApplicationCommand, Settings, String...)}, with another clock. */
  public static ApplicationResult run(
      ApplicationCommand command, Settings settings, InstantSource clock, String... arguments) {
    return run(command, settings, new StopSignal(), clock, arguments);
  }

  private static ApplicationResult run(
      ApplicationCommand command,
      Settings settings,
      StopSignal stop,
      InstantSource clock,
      String... arguments) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    ApplicationRunner runner =
        new ApplicationRunner(file -> settings, loaded -> {}, stop, clock, out);
    ApplicationResult result = runner.run(CommandTree.of(command, out), arguments);
    return new ApplicationResult(
        result.application(),
        result.status(),
        result.message(),
        printed.toString(StandardCharsets.UTF_8),
        result.started(),
        result.ended(),
        result.result());
  }

  /**
   * Runs the command that the arguments name. Failures become the result; no exception is thrown.
   */
  ApplicationResult run(CommandTree tree, String... arguments) {
    Instant started = clock.instant();
    ApplicationOutcome outcome;
    String name = tree.name();
    try {
      ParseResult parsed = tree.parse(arguments);
      name = CommandTree.innermost(parsed).commandSpec().qualifiedName();
      outcome =
          CommandLine.executeHelpRequest(parsed) == null
              ? start(tree, parsed)
              : ApplicationOutcome.success();
    } catch (ParameterException e) {
      outcome =
          failed(
              ExitStatus.USAGE_ERROR,
              "%s%nTry '%s --help'."
                  .formatted(e.getMessage(), e.getCommandLine().getCommandSpec().qualifiedName()));
    }
    return new ApplicationResult(
        name, outcome.status(), outcome.message(), "", started, clock.instant(), outcome.result());
  }

  private ApplicationOutcome start(CommandTree tree, ParseResult parsed) {
    try {
      Settings loaded = settings.load(tree.settingsFile());
      beforeRun.prepare(loaded);
      ApplicationCommand command =
          (ApplicationCommand) CommandTree.innermost(parsed).commandSpec().userObject();
      PrintStream text = tree.isJson() ? new PrintStream(OutputStream.nullOutputStream()) : out;
      ApplicationOutcome outcome = command.run(new ApplicationContext(loaded, stop, clock, text));
      if (tree.isJson()) {
        outcome.result().map(ApplicationResult::json).ifPresent(out::println);
      }
      return outcome.status() == ExitStatus.SUCCESS && stop.status().isPresent()
          ? new ApplicationOutcome(stop.status().get(), outcome.message(), outcome.result())
          : outcome;
    } catch (PipelineException e) {
      LOG.debug("event=command_failed", e);
      return failed(ExitStatus.of(e.kind()), e.getMessage());
    } catch (InterruptedException | CancellationException e) {
      return stop.status().map(ApplicationOutcome::of).orElseGet(() -> internalError(e));
    } catch (ParameterException e) {
      return failed(ExitStatus.USAGE_ERROR, e.getMessage());
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError | AssertionError e) {
      return HeapFailure.of(e, "this ran", MORE_HEAP)
          .map(failure -> failed(ExitStatus.RESOURCE_EXHAUSTED, failure.getMessage()))
          .orElseGet(() -> internalError(e));
    }
  }

  private static ApplicationOutcome failed(ExitStatus status, String message) {
    return new ApplicationOutcome(status, message, Optional.empty());
  }

  private static ApplicationOutcome internalError(Throwable failure) {
    LOG.error("event=internal_error action=\"report it with the stack trace below\"", failure);
    return failed(ExitStatus.INTERNAL_ERROR, "");
  }
}
