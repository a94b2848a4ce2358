package io.foldlog.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.foldlog.contract.PipelineException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The effective settings of one run. Environment variables override the user's settings file, and
 * the file overrides the defaults of the modules.
 *
 * <p>Each section has a reference file: the resource {@code foldlog/<section>.conf} of the module
 * that uses it. It contains every key with its default and its meaning. All applications can share
 * one settings file: an application checks the sections whose reference file is on its class path
 * and ignores the other {@link #SECTIONS}.
 *
 * <p>The environment variable of a key is {@code FOLDLOG_} and the key's path in upper case, with
 * an underscore for every {@code .} and {@code -}. The elements of a list are separated by commas.
 * An unknown section, key or {@code FOLDLOG_} variable is an error. A section that is empty in its
 * reference file accepts any keys.
 */
public final class Settings {
  /** Names the settings file if {@code --settings} is not given. */
  public static final String FILE_VARIABLE = "FOLDLOG_SETTINGS";

  /** The sections of all applications, in display order. */
  public static final List<String> SECTIONS =
      List.of(
          "kafka",
          "schema-registry",
          "cassandra",
          "lake",
          "producer",
          "speed-layer",
          "batch-layer",
          "runtime",
          "stack");

  private static final String PREFIX = "FOLDLOG_";
  private static final ConfigParseOptions STRICT =
      ConfigParseOptions.defaults().setAllowMissing(false);

  private final Layers layers;
  private final Config resolved;

  /** The sources of values. Each component overrides the components before it. */
  private record Layers(
      Config reference, Optional<Path> file, Config user, Map<String, String> environment) {}

  private Settings(Layers layers, Config resolved) {
    this.layers = layers;
    this.resolved = resolved;
  }

  /**
   * An effective setting.
   *
   * @param path the path of the key
   * @param value the value as JSON
   * @param origin the file and line, or the environment variable, that sets the value
   */
  public record Entry(String path, String value, String origin) {}

  /**
   * Loads the settings of this run.
   *
   * @param file the settings file; if empty, {@value #FILE_VARIABLE} may name it
   * @param environment the environment variables of the process
   * @throws PipelineException usage error, when a file, section, key or variable is unknown or
   *     unreadable; the message names file, line and key
   */
  public static Settings load(Optional<Path> file, Map<String, String> environment) {
    Optional<Path> named =
        file.or(() -> Optional.ofNullable(environment.get(FILE_VARIABLE)).map(Path::of));
    return combine(
        new Layers(
            reference(),
            named,
            named.map(Settings::parseFile).orElse(ConfigFactory.empty()),
            environment));
  }

  /** The defaults, overridden by the given HOCON text. Ignores the environment. */
  public static Settings of(String overrides) {
    return combine(
        new Layers(
            reference(),
            Optional.empty(),
            parse(() -> ConfigFactory.parseString(overrides)),
            Map.of()));
  }

  /**
   * These settings with additional defaults. The values of the resource override the reference
   * files, and the settings file overrides them.
   */
  public Settings withDefaults(String resource) {
    return combine(
        new Layers(
            parseResource(resource).withFallback(layers.reference()),
            layers.file(),
            layers.user(),
            layers.environment()));
  }

  /**
   * Renders a settings file for the programs of a stack. It contains the effective section, then
   * the values of the resource as that section resolves them. It includes the user's settings file,
   * if there is one, which overrides both.
   */
  public String fileFor(String section, String resource) {
    ConfigRenderOptions hocon =
        ConfigRenderOptions.defaults().setOriginComments(false).setComments(false).setJson(false);
    Config defaults = parse(() -> parseResource(resource).resolveWith(resolved));
    return resolved.withOnlyPath(section).withFallback(defaults).root().render(hocon)
        + layers
            .file()
            .map(file -> "include required(file(%s))%n".formatted(quoted(file.toAbsolutePath())))
            .orElse("");
  }

  private static String quoted(Path file) {
    return ConfigValueFactory.fromAnyRef(file.toString()).render(ConfigRenderOptions.concise());
  }

  private static Config parseResource(String resource) {
    return parse(() -> ConfigFactory.parseResources(loader(), resource, STRICT));
  }

  private static Config reference() {
    Config reference = ConfigFactory.empty();
    for (String section : SECTIONS) {
      String resource = "foldlog/" + section + ".conf";
      if (loader().getResource(resource) != null) {
        reference = reference.withFallback(parseResource(resource));
      }
    }
    return reference;
  }

  private static Settings combine(Layers layers) {
    Config known = parse(() -> layers.reference().resolve());
    Config overrides = fromEnvironment(layers.environment(), known);
    Config written = overrides.withFallback(layers.user()).withFallback(layers.reference());
    Config resolved = parse(() -> resolve(written, known));
    rejectUnknown(resolved.root(), known.root(), known, "");
    return new Settings(layers, onlyKnown(resolved, known));
  }

  /**
   * Resolves the sections of other applications too if possible, because other sections may refer
   * to them.
   */
  private static Config resolve(Config written, Config known) {
    try {
      return written.resolve();
    } catch (ConfigException.UnresolvedSubstitution incomplete) {
      return onlyKnown(written, known).resolve();
    }
  }

  private static Config onlyKnown(Config config, Config known) {
    Config kept = config;
    for (String section : SECTIONS) {
      kept = known.hasPath(section) ? kept : kept.withoutPath(section);
    }
    return kept;
  }

  private static ClassLoader loader() {
    return Settings.class.getClassLoader();
  }

  private static Config parseFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw RuntimeErrors.settingsFileIsMissing(file);
    }
    return parse(() -> ConfigFactory.parseFile(file.toFile(), STRICT));
  }

  private static Config parse(Supplier<Config> source) {
    try {
      return source.get();
    } catch (ConfigException e) {
      throw RuntimeErrors.settingsAreUnreadable(e);
    }
  }

  private static void rejectUnknown(
      ConfigObject written, ConfigObject known, Config all, String parent) {
    for (Map.Entry<String, ConfigValue> entry : written.entrySet()) {
      String path = parent.isEmpty() ? entry.getKey() : parent + "." + entry.getKey();
      ConfigValue reference = known.get(entry.getKey());
      if (reference == null && parent.isEmpty() && SECTIONS.contains(entry.getKey())) {
        continue;
      }
      if (reference == null) {
        throw RuntimeErrors.settingIsUnknown(
            describe(entry.getValue().origin()), path, NearestName.to(path, keys(all).keySet()));
      }
      boolean section = reference.valueType() == ConfigValueType.OBJECT;
      if (section && ((ConfigObject) reference).isEmpty()) {
        continue;
      }
      boolean writtenSection = entry.getValue().valueType() == ConfigValueType.OBJECT;
      if (section && writtenSection) {
        rejectUnknown((ConfigObject) entry.getValue(), (ConfigObject) reference, all, path);
      } else if (section) {
        throw RuntimeErrors.sectionIsNotASetting(describe(entry.getValue().origin()), path);
      } else if (writtenSection) {
        throw RuntimeErrors.settingIsNotASection(describe(entry.getValue().origin()), path);
      }
    }
  }

  private static Config fromEnvironment(Map<String, String> environment, Config known) {
    Map<String, String> byVariable = environmentNames(known);
    Config overrides = ConfigFactory.empty();
    for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
      String variable = entry.getKey();
      if (!variable.startsWith(PREFIX) || variable.equals(FILE_VARIABLE)) {
        continue;
      }
      String path = byVariable.get(variable);
      if (path == null && isOfAnotherApplication(variable, known)) {
        continue;
      }
      if (path == null) {
        throw RuntimeErrors.variableIsUnknown(
            variable, NearestName.to(variable, byVariable.keySet()));
      }
      boolean list = known.getValue(path).valueType() == ConfigValueType.LIST;
      Object value = list ? splitByComma(entry.getValue()) : entry.getValue();
      overrides =
          overrides.withValue(
              path, ConfigValueFactory.fromAnyRef(value, "environment variable " + variable));
    }
    return overrides;
  }

  private static boolean isOfAnotherApplication(String variable, Config known) {
    return SECTIONS.stream()
        .filter(section -> !known.hasPath(section))
        .anyMatch(section -> variable.startsWith(variable(section) + "_"));
  }

  private static String variable(String path) {
    return PREFIX + path.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
  }

  private static List<String> splitByComma(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  /** Maps each environment variable to the key that it overrides. */
  static Map<String, String> environmentNames(Config reference) {
    Map<String, String> names = new TreeMap<>();
    for (String path : keys(reference).keySet()) {
      String variable = variable(path);
      String other = names.put(variable, path);
      if (other != null || variable.equals(FILE_VARIABLE)) {
        throw new IllegalStateException(
            "%s is the variable of both %s and %s".formatted(variable, path, other));
      }
    }
    return names;
  }

  private static Map<String, ConfigValue> keys(Config config) {
    Map<String, ConfigValue> keys = new TreeMap<>();
    config.entrySet().forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
    return keys;
  }

  private static String describe(ConfigOrigin origin) {
    String source =
        Optional.ofNullable(origin.resource())
            .or(() -> Optional.ofNullable(origin.filename()))
            .orElse(origin.description());
    return origin.lineNumber() > 0 ? source + ", line " + origin.lineNumber() : source;
  }

  /** The section with this path from the root. */
  public Section section(String path) {
    return new Section(path, resolved.getConfig(path));
  }

  /** How long an application waits for a server: {@code runtime.startup-timeout}. */
  public Duration startupTimeout() {
    return section("runtime").duration("startup-timeout");
  }

  /**
   * How long an orderly shutdown may take after SIGTERM or SIGINT: {@code
   * runtime.shutdown-timeout}.
   */
  public Duration shutdownTimeout() {
    return section("runtime").duration("shutdown-timeout");
  }

  /** Whether the section's reference file is on the class path. */
  public boolean hasSection(String path) {
    return resolved.hasPath(path);
  }

  /** All effective settings, section by section. They contain paths of secrets, never secrets. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    for (String section : SECTIONS) {
      if (hasSection(section)) {
        keys(resolved.getConfig(section))
            .forEach(
                (key, value) ->
                    entries.add(
                        new Entry(
                            section + "." + key,
                            value.render(ConfigRenderOptions.concise()),
                            describe(value.origin()))));
      }
    }
    return List.copyOf(entries);
  }

  /**
   * One section of the settings. A method throws a usage error if the value does not have the
   * requested type or range.
   */
  public static final class Section {
    private final String path;
    private final Config config;

    private Section(String path, Config config) {
      this.path = path;
      this.config = config;
    }

    /** A nested section. */
    public Section section(String key) {
      return new Section(name(key), config.getConfig(key));
    }

    /** Text that is not blank. */
    public String text(String key) {
      return optionalText(key).orElseThrow(() -> reject(key, RuntimeErrors.NOT_EMPTY_RULE));
    }

    /** Text, or empty if the setting is blank. */
    public Optional<String> optionalText(String key) {
      return Optional.of(read(key, RuntimeErrors.TEXT_RULE, config::getString).strip())
          .filter(text -> !text.isEmpty());
    }

    /** A whole number within inclusive bounds. */
    public int integer(String key, int min, int max) {
      return (int) number(key, min, max);
    }

    /** A whole number within inclusive bounds. */
    public long number(String key, long min, long max) {
      String rule = RuntimeErrors.wholeNumberRule(min, max);
      String text = read(key, rule, config::getString);
      try {
        long value = Long.parseLong(text.strip());
        if (value >= min && value <= max) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw reject(key, rule);
      }
      throw reject(key, rule);
    }

    /** A number within inclusive bounds. */
    public double decimal(String key, double min, double max) {
      String rule = RuntimeErrors.numberRule(min, max);
      double value = read(key, rule, config::getDouble);
      if (!(value >= min && value <= max)) {
        throw reject(key, rule);
      }
      return value;
    }

    public boolean flag(String key) {
      return read(key, RuntimeErrors.FLAG_RULE, config::getBoolean);
    }

    /** A time span that is not negative, such as {@code 500ms} or {@code 2 minutes}. */
    public Duration duration(String key) {
      Duration value = read(key, RuntimeErrors.TIME_SPAN_RULE, config::getDuration);
      if (value.isNegative()) {
        throw reject(key, RuntimeErrors.TIME_SPAN_RULE);
      }
      return value;
    }

    /** A time span longer than 0. */
    public Duration positiveDuration(String key) {
      Duration value = duration(key);
      if (value.isZero()) {
        throw reject(key, RuntimeErrors.POSITIVE_TIME_SPAN_RULE);
      }
      return value;
    }

    /** A size in bytes, such as {@code 512 KiB}. */
    public long bytes(String key) {
      return read(key, RuntimeErrors.SIZE_RULE, config::getBytes);
    }

    /** A list of texts, in order. */
    public List<String> textList(String key) {
      return List.copyOf(read(key, RuntimeErrors.TEXT_LIST_RULE, config::getStringList));
    }

    /** A path; a relative one is relative to the working directory. */
    public Path path(String key) {
      return Path.of(text(key));
    }

    /** A path, or empty if the setting is blank. */
    public Optional<Path> optionalPath(String key) {
      return optionalText(key).map(Path::of);
    }

    /** A constant of the enum, written in lower case with hyphens. */
    public <E extends Enum<E>> E choice(String key, Class<E> type) {
      String text = text(key);
      List<String> names = new ArrayList<>();
      for (E constant : type.getEnumConstants()) {
        String name = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (name.equals(text.toLowerCase(Locale.ROOT))) {
          return constant;
        }
        names.add(name);
      }
      throw reject(key, RuntimeErrors.choiceRule(names));
    }

    /**
     * A secret whose file the setting names. Reading the secret checks the setting and the file.
     */
    public Secret secret(String key) {
      return new Secret(name(key), optionalPath(key));
    }

    /** The keys and texts of a section that accepts any keys. Nested keys are joined by dots. */
    public Map<String, String> map(String key) {
      Map<String, String> entries = new TreeMap<>();
      config.getConfig(key).root().forEach((name, value) -> flatten(key, name, value, entries));
      return entries;
    }

    private void flatten(String key, String name, ConfigValue value, Map<String, String> entries) {
      if (value instanceof ConfigObject nested) {
        nested.forEach((inner, text) -> flatten(key, name + "." + inner, text, entries));
      } else if (value instanceof ConfigList) {
        throw reject(key, RuntimeErrors.noListRule(name));
      } else {
        entries.put(name, String.valueOf(value.unwrapped()));
      }
    }

    /**
     * Returns the usage error for a value that breaks a rule; the caller throws it.
     *
     * @param rule the requirement, such as {@code must be a power of two}
     */
    public PipelineException reject(String key, String rule) {
      ConfigValue value = config.getValue(key);
      return RuntimeErrors.settingBreaksRule(
          describe(value.origin()), name(key), value.render(ConfigRenderOptions.concise()), rule);
    }

    private String name(String key) {
      return path + "." + key;
    }

    private <T> T read(String key, String rule, Function<String, T> reader) {
      try {
        return reader.apply(key);
      } catch (ConfigException.Missing e) {
        throw new IllegalStateException("no reference file has the setting " + name(key), e);
      } catch (ConfigException e) {
        throw reject(key, rule);
      }
    }
  }
}
