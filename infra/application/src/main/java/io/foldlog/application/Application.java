package io.foldlog.application;

import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * Runs an {@link ApplicationCommand} as a process: arguments, settings, signals, exit status.
 *
 * <p>A failure that a person can act on is one sentence on standard error; only a bug shows a stack
 * trace. A command with sub-commands runs the one that was named.
 */
public final class Application {
  private static final Logger LOG = LoggerFactory.getLogger(Application.class);
  private static final String MORE_HEAP =
      "Raise it (in the local stack heap of the program's section, else spark-submit's --driver-memory or java's -Xmx), and run this again.";

  private Application() {}

  /** The arguments that every command takes. */
  static final class CommonOptions {
    @Option(
        names = "--settings",
        paramLabel = "FILE",
        scope = ScopeType.INHERIT,
        description =
            "A HOCON file with the settings that differ from foldlog.conf (or FOLDLOG_SETTINGS).")
    Path settings;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        scope = ScopeType.INHERIT,
        description = "Shows this help and ends.")
    boolean help;

    @Option(
        names = "--version",
        versionHelp = true,
        scope = ScopeType.INHERIT,
        description = "Shows the version and ends.")
    boolean version;
  }

  /** The version that the build wrote beside the classes. */
  static final class BuiltVersion implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties built = new Properties();
      try (InputStream resource =
          Application.class.getResourceAsStream("/foldlog-version.properties")) {
        built.load(resource);
      }
      return new String[] {"foldlog " + built.getProperty("version")};
    }
  }

  /** Runs the command and ends the process with its status; does not return. */
  public static void main(ApplicationCommand command, String... arguments) {
    StopSignal stop = new StopSignal();
    ExitStatus status = run(command, List.of(arguments), System.getenv(), stop, Signals.HANDLED);
    System.out.flush();
    System.err.flush();
    System.exit(status.code());
  }

  enum Signals {
    HANDLED,
    LEFT_ALONE
  }

  /** As {@link #main}, without ending the process, and with nothing taken from it. */
  static ExitStatus run(
      ApplicationCommand command,
      List<String> arguments,
      Map<String, String> environment,
      StopSignal stop,
      Signals signals) {
    PrintWriter err = new PrintWriter(System.err, true);
    CommonOptions common = new CommonOptions();
    CommandLine line = commandLine(command, common);
    ParseResult parsed;
    try {
      parsed = line.parseArgs(arguments.toArray(String[]::new));
    } catch (ParameterException e) {
      err.println(e.getMessage());
      err.printf("Try '%s --help'.%n", e.getCommandLine().getCommandSpec().qualifiedName());
      return ExitStatus.REFUSED;
    }
    Integer helped = CommandLine.executeHelpRequest(parsed);
    if (helped != null) {
      return ExitStatus.DONE;
    }
    return ended(() -> start(parsed, common, environment, stop, signals), stop, err);
  }

  private static CommandLine commandLine(ApplicationCommand command, CommonOptions common) {
    CommandLine line = new CommandLine(command);
    line.addMixin("common", common);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    sayTheVersion(line);
    return line;
  }

  private static void sayTheVersion(CommandLine line) {
    line.getCommandSpec().versionProvider(new BuiltVersion());
    line.getSubcommands().values().forEach(Application::sayTheVersion);
  }

  private static ExitStatus start(
      ParseResult parsed,
      CommonOptions common,
      Map<String, String> environment,
      StopSignal stop,
      Signals signals)
      throws Exception {
    CommandSpec named = innermost(parsed).commandSpec();
    Settings settings = Settings.load(Optional.ofNullable(common.settings), environment);
    if (signals == Signals.HANDLED) {
      ProcessSignals.connect(stop, settings.stopLimit());
    }
    return ((ApplicationCommand) named.userObject()).run(settings, stop);
  }

  private static ParseResult innermost(ParseResult parsed) {
    return parsed.hasSubcommand() ? innermost(parsed.subcommand()) : parsed;
  }

  private interface Work {
    ExitStatus run() throws Exception;
  }

  private static ExitStatus ended(Work work, StopSignal stop, PrintWriter err) {
    try {
      ExitStatus status = work.run();
      return status == ExitStatus.DONE ? stop.status().orElse(status) : status;
    } catch (PipelineException e) {
      LOG.debug("Refused", e);
      err.println(e.getMessage());
      return ExitStatus.of(e.kind());
    } catch (InterruptedException e) {
      return stop.status().orElseGet(() -> bug(e));
    } catch (ParameterException e) {
      err.println(e.getMessage());
      return ExitStatus.REFUSED;
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError | AssertionError e) {
      Optional<PipelineException> starved = HeapFailure.of(e, "this ran", MORE_HEAP);
      starved.ifPresent(failure -> err.println(failure.getMessage()));
      return starved.isPresent() ? ExitStatus.REFUSED : bug(e);
    }
  }

  private static ExitStatus bug(Throwable failure) {
    LOG.error("This is a bug; please report it with the lines below", failure);
    return ExitStatus.BUG;
  }
}
