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

/** A command, its sub-commands and the options that every application takes, for picocli. */
final class CommandTree {

  private final CommonOptions common = new CommonOptions();
  private final CommandLine line;

  private CommandTree(ApplicationCommand command, PrintStream out) {
    line = new CommandLine(command);
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.addMixin("common", common);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    addVersion(line);
  }

  /**
   * A tree over a new command.
   *
   * @param out where help and version go
   */
  static CommandTree of(ApplicationCommand command, PrintStream out) {
    return new CommandTree(command, out);
  }

  /** The options that every command takes. */
  static final class CommonOptions {
    @Option(
        names = "--settings",
        paramLabel = "FILE",
        scope = ScopeType.INHERIT,
        description =
            "A HOCON file with the settings that differ from the defaults; else FOLDLOG_SETTINGS names it.")
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

  /** The version that the build wrote beside the classes. */
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

  private static void addVersion(CommandLine line) {
    line.getCommandSpec().versionProvider(new BuiltVersion());
    line.getSubcommands().values().forEach(CommandTree::addVersion);
  }

  /** The root command's name. */
  String name() {
    return line.getCommandName();
  }

  /**
   * Sets the options of the command that is named.
   *
   * @throws CommandLine.ParameterException when the arguments are not acceptable
   */
  ParseResult parse(String... arguments) {
    return line.parseArgs(arguments);
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
