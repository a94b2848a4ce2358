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
 * Reads stories from {@code stories/<name>/story.conf}; {@code stories/README.md} says what may
 * stand there. What else stands there is an error.
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

  /** Every story, in the order of their names. */
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
    requireKnown(file, "nights");
    List<Story.Night> nights = new ArrayList<>();
    Map<String, String> rows = new TreeMap<>();
    for (Config each : file.getConfigList("nights")) {
      nights.add(night(each, rows));
    }
    users.forEach(user -> require(rows.containsKey(user), "rows says nothing of the user " + user));
    return new Story(story, users, nights);
  }

  /** A night; rows that it says nothing of stay as they were. */
  private Story.Night night(Config night, Map<String, String> rows) {
    requireKnown(night, "events", "damage", "runs", "report", "everybody-else", "rows");
    List<UserEvent> events = events(night);
    List<String> damage = night.hasPath("damage") ? night.getStringList("damage") : List.of();
    damage.forEach(step -> users.addAll(OperatorStep.users(step)));
    List<Story.Run> runs = runs(night);
    if (night.hasPath("rows")) {
      Config shown = night.getConfig("rows");
      shown.root().keySet().forEach(user -> rows.put(known(user), row(shown, user)));
    }
    return new Story.Night(
        events, damage, runs, findings(night), text(night, "everybody-else"), rows);
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
    requireKnown(run, "run", "status", "says", "dies-at", "fails-at", "pauses-at", "meanwhile");
    Story.Meanwhile meanwhile = Story.Meanwhile.NOTHING;
    if (run.hasPath("meanwhile")) {
      Config told = run.getConfig("meanwhile");
      requireKnown(told, "events", "runs");
      meanwhile = new Story.Meanwhile(events(told), runs(told));
    }
    int otherwise = run.hasPath("dies-at") ? KILLED : run.hasPath("fails-at") ? UNAVAILABLE : 0;
    return new Story.Run(
        Arrays.asList(run.getString("run").split(" ")),
        run.hasPath("status") ? run.getInt("status") : otherwise,
        text(run, "says").orElse(""),
        text(run, "dies-at"),
        text(run, "fails-at"),
        text(run, "pauses-at"),
        meanwhile);
  }

  private List<Story.Finding> findings(Config night) {
    return night.hasPath("report")
        ? night.getConfigList("report").stream().map(this::finding).toList()
        : List.of();
  }

  private Story.Finding finding(Config finding) {
    requireKnown(finding, "user", "finding", "cells", "repair", "outcome");
    return new Story.Finding(
        known(finding.getString("user")),
        finding.getString("finding"),
        finding.getStringList("cells").stream().flatMap(StoryFile::columns).toList(),
        finding.getString("repair"),
        finding.getEnum(UserOutcome.class, "outcome"));
  }

  /** The last event is three cells. */
  private static Stream<String> columns(String cell) {
    return cell.equals(StoryRow.LAST_EVENT)
        ? StoryRow.ENVELOPE.stream().map(UserField::columnName)
        : Stream.of(cell);
  }

  private static String row(Config rows, String user) {
    if (rows.root().get(user).valueType() == ConfigValueType.STRING) {
      require(rows.getString(user).equals(StoryRow.NONE), "a row is none or its cells");
      return StoryRow.NONE;
    }
    Config row = rows.getConfig(user);
    return row.root().keySet().stream()
        .sorted()
        .map(cell -> cell + " = " + row.getString(cell))
        .collect(Collectors.joining(", "));
  }

  private String known(String user) {
    require(users.contains(user), "neither an event nor damage names the user " + user);
    return user;
  }

  private static Optional<String> text(Config from, String key) {
    return from.hasPath(key) ? Optional.of(from.getString(key)) : Optional.empty();
  }

  private static void requireKnown(Config section, String... keys) {
    Set<String> unknown = new HashSet<>(section.root().keySet());
    unknown.removeAll(Set.of(keys));
    require(unknown.isEmpty(), "unknown: " + unknown);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
