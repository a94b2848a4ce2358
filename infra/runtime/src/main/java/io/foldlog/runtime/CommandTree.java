package io.foldlog.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The picocli model of a command, its sub-commands and the options that every application has. */
final class CommandTree {

  private final CommonOptions common = new CommonOptions();
  private final CommandLine commandLine;

  private CommandTree(ApplicationCommand command, PrintStream out) {
    commandLine = new CommandLine(command);
    commandLine.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    commandLine.addMixin("common", common);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpAutoWidth(true);
    addVersion(commandLine);
  }

  /**
   * Creates the tree of a new command.
   *
   * @param out receives help and version texts
   */
  static CommandTree of(ApplicationCommand command, PrintStream out) {
    return new CommandTree(command, out);
  }

  /** The options that every command has. */
  static final class CommonOptions {
    @Option(
        names = "--settings",
        paramLabel = "FILE",
        scope = ScopeType.INHERIT,
        description =
            "A HOCON file with the settings that differ from the defaults. Default: the file that FOLDLOG_SETTINGS names.")
    Path settings;

    @Option(
        names = "--result",
        paramLabel = "FILE",
        scope = ScopeType.INHERIT,
        description = "Writes exit status, message and result to this file, as JSON.")
    Path result;

    @Option(
        names = "--json",
        scope = ScopeType.INHERIT,
        description = "Prints the result as JSON instead of text.")
    boolean json;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        scope = ScopeType.INHERIT,
        description = "Prints this help.")
    boolean help;

    @Option(
        names = "--version",
        versionHelp = true,
        scope = ScopeType.INHERIT,
        description = "Prints the version.")
    boolean version;
  }

  /** Reads the version that the build wrote to a resource. */
  static final class BuiltVersion implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      Properties built = new Properties();
      try (InputStream resource =
          CommandTree.class.getResourceAsStream("/foldlog-version.properties")) {
        built.load(resource);
      }
      return new String[] {"foldlog " + built.getProperty("version")};
    }
  }

  private static void addVersion(CommandLine commandLine) {
    commandLine.getCommandSpec().versionProvider(new BuiltVersion());
    commandLine.getSubcommands().values().forEach(CommandTree::addVersion);
  }

  /** The name of the root command. */
  String name() {
    return commandLine.getCommandName();
  }

  /**
   * Parses the arguments into the options of the named command.
   *
   * @throws CommandLine.ParameterException when the arguments are invalid
   */
  ParseResult parse(String... arguments) {
    return commandLine.parseArgs(arguments);
  }

  static ParseResult innermost(ParseResult parsed) {
    return parsed.hasSubcommand() ? innermost(parsed.subcommand()) : parsed;
  }

  Optional<Path> settingsFile() {
    return Optional.ofNullable(common.settings);
  }

  boolean isJson() {
    return common.json;
  }

  Optional<Path> resultFile() {
    return Optional.ofNullable(common.result);
  }
}
