package io.foldlog.testing.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.batch.reconcile.UserOutcome;
import io.foldlog.contract.UserField;
import io.foldlog.view.ViewRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lives the stories of {@code infra/testing/scenarios/stories} on one pipeline: first those that
 * share their nights, night by night, each with users of its own; then the others, one after
 * another.
 */
class StoriesIT {

  private static final Story.Run NIGHTLY = run("nightly");
  private static final Story.Run RECONCILE = run("reconcile", "--scope", "full");

  /** What concerns no story by itself: the totals, and the verifier. */
  private static final String ALL = "all of them together";

  /** Whom a report may name. */
  private record TestUser(Story story, String user) {}

  @TempDir private Path folder;

  private StoryEnvironment setting;
  private final Map<UUID, TestUser> users = new HashMap<>();
  private final Map<String, Integer> found = new TreeMap<>();
  private int rounds;

  @AfterEach
  void close() {
    if (setting != null) {
      setting.close();
    }
  }

  @TestFactory
  List<DynamicTest> shouldEndAsTold() throws Exception {
    List<Story> stories = chosen(StoryFile.readAll());
    stories.forEach(
        story ->
            story.users().forEach(user -> users.put(story.user(user), new TestUser(story, user))));
    setting = StoryEnvironment.in(folder);
    List<Story> shared = stories.stream().filter(story -> !story.isLivedAlone()).toList();
    Map<String, AssertionError> failures = liveTogether(shared);
    List<DynamicTest> tests = new ArrayList<>();
    shared.forEach(story -> tests.add(verdict(story.name(), failures)));
    if (!shared.isEmpty()) {
      tests.add(verdict(ALL, failures));
    }
    stories.stream()
        .filter(Story::isLivedAlone)
        .forEach(
            story ->
                tests.add(
                    dynamicTest(
                        story.name(),
                        () -> {
                          for (AssertionError failure : liveAlone(story).values()) {
                            throw failure;
                          }
                        })));
    tests.add(dynamicTest("nothing is left to find", () -> end(stories)));
    return tests;
  }

  /** All stories, or the one that {@code -Dfoldlog.story} names. */
  private static List<Story> chosen(List<Story> all) {
    String name = System.getProperty("foldlog.story");
    List<Story> stories =
        all.stream().filter(story -> name == null || story.name().equals(name)).toList();
    assertThat(stories).as("stories named %s", name).isNotEmpty();
    return stories;
  }

  private static DynamicTest verdict(String name, Map<String, AssertionError> failures) {
    return dynamicTest(
        name,
        () -> {
          if (failures.containsKey(name)) {
            throw failures.get(name);
          }
        });
  }

  /** Lives stories in the same nights, and one more; gives the first failure of each. */
  private Map<String, AssertionError> liveTogether(List<Story> stories) throws Exception {
    Map<String, AssertionError> failures = new LinkedHashMap<>();
    if (stories.isEmpty()) {
      return failures;
    }
    int nights = stories.stream().mapToInt(story -> story.nights().size()).max().orElse(0);
    for (int night = 0; night <= nights; night++) {
      liveNight(stories, night, List.of(night < nights ? NIGHTLY : RECONCILE), failures);
      check(ALL, failures, setting::assertThatTheViewEqualsTheFoldOfTheLog);
    }
    return failures;
  }

  /** Lives a story whose nights are its own. */
  private Map<String, AssertionError> liveAlone(Story story) throws Exception {
    Map<String, AssertionError> failures = new LinkedHashMap<>();
    for (int night = 0; night < story.nights().size() && failures.isEmpty(); night++) {
      List<Story.Run> runs = story.night(night).runs();
      liveNight(List.of(story), night, runs.isEmpty() ? List.of(NIGHTLY) : runs, failures);
    }
    check(ALL, failures, setting::assertThatTheViewEqualsTheFoldOfTheLog);
    return failures;
  }

  private void liveNight(
      List<Story> stories, int number, List<Story.Run> runs, Map<String, AssertionError> failures)
      throws Exception {
    setting.happen(
        stories.stream().flatMap(story -> story.night(number).events().stream()).toList());
    for (Story story : stories) {
      for (String step : story.night(number).damage()) {
        setting.damage(story, step);
      }
    }
    ViewSnapshot snapshot = setting.snapshot();
    for (Story.Run run : runs) {
      setting.run(run);
      rounds++;
    }
    List<JsonNode> reports = setting.newReports();
    Map<UUID, ViewRow> rows = setting.rows();
    for (Story story : stories) {
      String night = story + ", night " + (number + 1);
      check(
          story.name(),
          failures,
          () -> {
            assertThat(findings(story, reports, snapshot))
                .as(night + ": findings")
                .containsExactlyInAnyOrderElementsOf(
                    story.night(number).findings().stream().map(Story.Finding::toString).toList());
            assertThat(told(story, rows, snapshot))
                .as(night + ": rows")
                .isEqualTo(rows(story, number));
          });
    }
    check(ALL, failures, () -> requireTotals(stories, number, reports, rows));
  }

  private static void check(
      String name, Map<String, AssertionError> failures, Executable assertions) throws Exception {
    try {
      assertions.execute();
    } catch (AssertionError failure) {
      failures.putIfAbsent(name, failure);
    } catch (Exception | Error other) {
      throw other;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private List<String> findings(Story story, List<JsonNode> reports, ViewSnapshot snapshot) {
    List<String> told = new ArrayList<>();
    details(reports)
        .forEach(
            detail -> {
              TestUser user = users.get(UUID.fromString(detail.path("user").asText()));
              if (user != null && user.story().equals(story)) {
                told.add(finding(user, detail, snapshot).toString());
              }
            });
    return told;
  }

  private static Stream<JsonNode> details(List<JsonNode> reports) {
    List<JsonNode> details = new ArrayList<>();
    reports.forEach(report -> report.path("details").forEach(details::add));
    return details.stream();
  }

  private static Story.Finding finding(TestUser user, JsonNode detail, ViewSnapshot snapshot) {
    List<String> cells = new ArrayList<>();
    detail.path("cells").forEach(cell -> cells.add(cell.asText()));
    String repair = detail.path("repair").asText();
    int time = repair.lastIndexOf(" at ");
    if (time > 0) {
      long micros = Long.parseLong(repair.substring(time + " at ".length()));
      UUID id = user.story().user(user.user());
      repair =
          repair.substring(0, time)
              + " "
              + UserField.ofColumn(cells.get(0))
                  .map(field -> snapshot.told(id, field, micros))
                  .orElseGet(() -> snapshot.isSince(micros) ? "raised" : ViewSnapshot.told(micros));
    }
    return new Story.Finding(
        user.user(),
        detail.path("finding").asText(),
        cells,
        repair,
        UserOutcome.valueOf(detail.path("outcome").asText()));
  }

  private static Map<String, String> told(
      Story story, Map<UUID, ViewRow> rows, ViewSnapshot snapshot) {
    Map<String, String> told = new TreeMap<>();
    for (String user : story.users()) {
      UUID id = story.user(user);
      told.put(
          user,
          StoryRow.text(
              Optional.ofNullable(rows.get(id)),
              story.events().filter(event -> event.userId().equals(id)).toList(),
              snapshot));
    }
    return told;
  }

  /** As the story tells them; who is not told of yet does not show. */
  private static Map<String, String> rows(Story story, int night) {
    Map<String, String> rows = new TreeMap<>(story.night(night).rows());
    story.users().forEach(user -> rows.putIfAbsent(user, StoryRow.NONE));
    return rows;
  }

  /** What the reports count is what the stories say, and they name nobody else. */
  private void requireTotals(
      List<Story> stories, int number, List<JsonNode> reports, Map<UUID, ViewRow> rows) {
    Map<String, Integer> expected = new TreeMap<>();
    Set<UUID> drifted = new HashSet<>();
    Set<UUID> repaired = new HashSet<>();
    for (Story story : stories) {
      for (Story.Finding each : story.night(number).findings()) {
        expected.merge(each.what(), 1, Integer::sum);
        drifted.add(story.user(each.user()));
        if (each.isRepaired()) {
          repaired.add(story.user(each.user()));
        }
      }
      story
          .night(number)
          .everybodyElse()
          .ifPresent(
              what ->
                  rows.keySet().stream()
                      .filter(id -> !users.get(id).story().equals(story))
                      .forEach(
                          id -> {
                            expected.merge(what, 1, Integer::sum);
                            drifted.add(id);
                            repaired.add(id);
                          }));
    }
    Map<String, Integer> counted = new TreeMap<>();
    reports.forEach(
        report ->
            report
                .path("findings")
                .properties()
                .forEach(
                    kind -> counted.merge(kind.getKey(), kind.getValue().asInt(), Integer::sum)));
    counted.forEach((kind, users) -> found.merge(kind, users, Integer::sum));
    // what is no drift is counted, and has no detail
    counted.keySet().removeAll(Set.of("ahead", "behind", "raised"));
    counted.values().removeIf(users -> users == 0);
    String night = "night " + (number + 1);
    assertThat(names(details(reports).map(each -> UUID.fromString(each.path("user").asText()))))
        .as(night)
        .isEqualTo(names(drifted.stream()));
    assertThat(counted).as(night).isEqualTo(expected);
    assertThat(sum(reports, "drifted")).as(night + ": drifted").isEqualTo(drifted.size());
    assertThat(sum(reports, "repaired")).as(night + ": repaired").isEqualTo(repaired.size());
    for (String never : List.of("blocked", "held_back", "left_to_gap")) {
      assertThat(sum(reports, never)).as(night + ": " + never).isZero();
    }
  }

  private static int sum(List<JsonNode> reports, String figure) {
    return reports.stream().mapToInt(report -> report.path(figure).asInt()).sum();
  }

  private Set<String> names(Stream<UUID> ids) {
    return ids.map(
            id ->
                users.containsKey(id)
                    ? users.get(id).story() + "/" + users.get(id).user()
                    : id.toString())
        .collect(Collectors.toSet());
  }

  /** A last look at everybody, and what was done in all. */
  private void end(List<Story> stories) throws Exception {
    setting.run(RECONCILE);
    rounds++;
    for (JsonNode report : setting.newReports()) {
      assertThat(report.path("outcome").asText()).as(report.toPrettyString()).isEqualTo("CLEAN");
    }
    setting.assertThatTheViewEqualsTheFoldOfTheLog();
    Proof proof = Proof.section("10-stories", "Stories");
    proof.say(
        "stories=%d users=%d events=%d damages=%d",
        stories.size(),
        users.size(),
        stories.stream().flatMap(Story::events).count(),
        stories.stream()
            .flatMap(story -> story.nights().stream())
            .mapToInt(night -> night.damage().size())
            .sum());
    proof.say("runs=%d findings=%s", rounds, found);
    proof.say("each ended as told; a last reconcile of everybody found nothing");
  }

  private static Story.Run run(String... command) {
    return new Story.Run(
        List.of(command),
        0,
        "",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Story.Meanwhile.NOTHING);
  }
}
