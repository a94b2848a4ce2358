package io.foldlog.testing.scenarios;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueType;
import io.foldlog.batch.reconcile.UserOutcome;
import io.foldlog.contract.EventType;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.runtime.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads stories from {@code stories/<name>/story.conf}. {@code stories/README.md} describes the
 * keys. An unknown key is an error.
 */
final class StoryFile {

  private static final Path FOLDER = Path.of("stories");
  private static final int KILLED = 137;
  private static final int UNAVAILABLE = ExitStatus.UNAVAILABLE.code();

  private final String story;
  private final Set<String> users = new HashSet<>();

  private StoryFile(String story) {
    this.story = story;
  }

  /** Reads all stories, sorted by name. */
  static List<Story> readAll() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders.filter(Files::isDirectory).sorted().map(StoryFile::read).toList();
    }
  }

  private static Story read(Path folder) {
    Config file = ConfigFactory.parseFile(folder.resolve("story.conf").toFile());
    try {
      return new StoryFile(folder.getFileName().toString()).story(file);
    } catch (RuntimeException failure) {
      throw new IllegalArgumentException(folder + ": " + failure.getMessage(), failure);
    }
  }

  private Story story(Config file) {
    requireKnown(file, "cycles");
    List<Story.Cycle> cycles = new ArrayList<>();
    Map<String, String> rows = new TreeMap<>();
    for (Config each : file.getConfigList("cycles")) {
      cycles.add(cycle(each, rows));
    }
    users.forEach(user -> require(rows.containsKey(user), "no rows name the user " + user));
    return new Story(story, users, cycles);
  }

  /** Reads a cycle. Users without a row in it keep their row of the cycle before. */
  private Story.Cycle cycle(Config cycle, Map<String, String> rows) {
    requireKnown(cycle, "events", "damage", "runs", "report", "all-other-users", "rows");
    List<UserEvent> events = events(cycle);
    List<String> damage = cycle.hasPath("damage") ? cycle.getStringList("damage") : List.of();
    damage.forEach(step -> users.addAll(OperatorStep.users(step)));
    List<Story.Run> runs = runs(cycle);
    if (cycle.hasPath("rows")) {
      Config expected = cycle.getConfig("rows");
      expected.root().keySet().forEach(user -> rows.put(requireUser(user), row(expected, user)));
    }
    return new Story.Cycle(
        events, damage, runs, findings(cycle), text(cycle, "all-other-users"), rows);
  }

  private List<UserEvent> events(Config from) {
    return from.hasPath("events")
        ? from.getConfigList("events").stream().map(this::event).toList()
        : List.of();
  }

  private UserEvent event(Config event) {
    String user = event.getString("user");
    users.add(user);
    TestEvents.Builder builder =
        TestEvents.of(
            EventType.valueOf(event.getString("type").toUpperCase(Locale.ROOT)),
            Story.user(story, user),
            TestEvents.NOON + event.getLong("at"));
    for (String key : event.root().keySet()) {
      if (!Set.of("at", "type", "user").contains(key)) {
        UserField field = UserField.ofColumn(key).orElseThrow();
        if (event.root().get(key).valueType() == ConfigValueType.NULL) {
          builder.cleared(field);
        } else {
          builder.set(field, event.getString(key));
        }
      }
    }
    return builder.build();
  }

  private List<Story.Run> runs(Config from) {
    return from.hasPath("runs")
        ? from.getConfigList("runs").stream().map(this::run).toList()
        : List.of();
  }

  private Story.Run run(Config run) {
    requireKnown(
        run, "command", "status", "message", "halts-at", "fails-at", "pauses-at", "meanwhile");
    Story.Meanwhile meanwhile = Story.Meanwhile.NOTHING;
    if (run.hasPath("meanwhile")) {
      Config section = run.getConfig("meanwhile");
      requireKnown(section, "events", "runs");
      meanwhile = new Story.Meanwhile(events(section), runs(section));
    }
    int defaultStatus =
        run.hasPath("halts-at") ? KILLED : run.hasPath("fails-at") ? UNAVAILABLE : 0;
    return new Story.Run(
        Arrays.asList(run.getString("command").split(" ")),
        run.hasPath("status") ? run.getInt("status") : defaultStatus,
        text(run, "message").orElse(""),
        text(run, "halts-at"),
        text(run, "fails-at"),
        text(run, "pauses-at"),
        meanwhile);
  }

  private List<Story.Finding> findings(Config cycle) {
    return cycle.hasPath("report")
        ? cycle.getConfigList("report").stream().map(this::finding).toList()
        : List.of();
  }

  private Story.Finding finding(Config finding) {
    requireKnown(finding, "user", "finding", "cells", "repair", "outcome");
    return new Story.Finding(
        requireUser(finding.getString("user")),
        finding.getString("finding"),
        finding.getStringList("cells").stream().flatMap(StoryFile::columns).toList(),
        finding.getString("repair"),
        finding.getEnum(UserOutcome.class, "outcome"));
  }

  /** Expands {@code last_event} to its three columns. */
  private static Stream<String> columns(String cell) {
    return cell.equals(StoryRow.LAST_EVENT)
        ? StoryRow.LAST_EVENT_FIELDS.stream().map(UserField::columnName)
        : Stream.of(cell);
  }

  private static String row(Config rows, String user) {
    if (rows.root().get(user).valueType() == ConfigValueType.STRING) {
      require(rows.getString(user).equals(StoryRow.NONE), "a row is an object of cells, or none");
      return StoryRow.NONE;
    }
    Config row = rows.getConfig(user);
    return row.root().keySet().stream()
        .sorted()
        .map(cell -> cell + " = " + row.getString(cell))
        .collect(Collectors.joining(", "));
  }

  private String requireUser(String user) {
    require(users.contains(user), "neither an event nor damage names the user " + user);
    return user;
  }

  private static Optional<String> text(Config from, String key) {
    return from.hasPath(key) ? Optional.of(from.getString(key)) : Optional.empty();
  }

  private static void requireKnown(Config section, String... keys) {
    Set<String> unknown = new HashSet<>(section.root().keySet());
    unknown.removeAll(Set.of(keys));
    require(unknown.isEmpty(), "unknown keys: " + unknown);
  }

  private static void require(boolean isValid, String message) {
    if (!isValid) {
      throw new IllegalArgumentException(message);
    }
  }
}
