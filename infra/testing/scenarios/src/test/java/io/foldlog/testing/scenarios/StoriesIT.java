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
 * Runs the stories of {@code infra/testing/scenarios/stories} on one pipeline. Stories without
 * explicit batch runs come first and share their cycles. The isolated stories follow one after
 * another. Each story has separate users.
 */
class StoriesIT {

  private static final Story.Run NIGHTLY = run("nightly");
  private static final Story.Run RECONCILE = run("reconcile", "--scope", "full");

  /** The name under which failures of the totals and of the verifier are recorded. */
  private static final String ALL = "all shared stories";

  /** A user that a report may name, and the user's story. */
  private record TestUser(Story story, String user) {}

  @TempDir private Path folder;

  private StoryEnvironment environment;
  private final Map<UUID, TestUser> users = new HashMap<>();
  private final Map<String, Integer> findingCounts = new TreeMap<>();
  private int runCount;

  @AfterEach
  void close() {
    if (environment != null) {
      environment.close();
    }
  }

  @TestFactory
  List<DynamicTest> shouldReportExpectedFindingsAndLeaveExpectedRows() throws Exception {
    List<Story> stories = selected(StoryFile.readAll());
    stories.forEach(
        story ->
            story.users().forEach(user -> users.put(story.user(user), new TestUser(story, user))));
    environment = StoryEnvironment.in(folder);
    List<Story> shared = stories.stream().filter(story -> !story.isIsolated()).toList();
    Map<String, AssertionError> failures = runShared(shared);
    List<DynamicTest> tests = new ArrayList<>();
    shared.forEach(story -> tests.add(resultOf(story.name(), failures)));
    if (!shared.isEmpty()) {
      tests.add(resultOf(ALL, failures));
    }
    stories.stream()
        .filter(Story::isIsolated)
        .forEach(
            story ->
                tests.add(
                    dynamicTest(
                        story.name(),
                        () -> {
                          for (AssertionError failure : runIsolated(story).values()) {
                            throw failure;
                          }
                        })));
    tests.add(dynamicTest("a last reconcile finds no drift", () -> checkFinalState(stories)));
    return tests;
  }

  /** All stories, or the one that {@code -Dfoldlog.story} names. */
  private static List<Story> selected(List<Story> all) {
    String name = System.getProperty("foldlog.story");
    List<Story> stories =
        all.stream().filter(story -> name == null || story.name().equals(name)).toList();
    assertThat(stories).as("stories named %s", name).isNotEmpty();
    return stories;
  }

  private static DynamicTest resultOf(String name, Map<String, AssertionError> failures) {
    return dynamicTest(
        name,
        () -> {
          if (failures.containsKey(name)) {
            throw failures.get(name);
          }
        });
  }

  /** Runs the shared cycles and one more. Returns the first failure of each story. */
  private Map<String, AssertionError> runShared(List<Story> stories) throws Exception {
    Map<String, AssertionError> failures = new LinkedHashMap<>();
    if (stories.isEmpty()) {
      return failures;
    }
    int cycles = stories.stream().mapToInt(story -> story.cycles().size()).max().orElse(0);
    for (int cycle = 0; cycle <= cycles; cycle++) {
      runCycle(stories, cycle, List.of(cycle < cycles ? NIGHTLY : RECONCILE), failures);
      recordFailure(ALL, failures, environment::assertThatViewEqualsFoldOfLog);
    }
    return failures;
  }

  /** Runs a story with explicit batch runs. Returns its first failure. */
  private Map<String, AssertionError> runIsolated(Story story) throws Exception {
    Map<String, AssertionError> failures = new LinkedHashMap<>();
    for (int cycle = 0; cycle < story.cycles().size() && failures.isEmpty(); cycle++) {
      List<Story.Run> runs = story.cycle(cycle).runs();
      runCycle(List.of(story), cycle, runs.isEmpty() ? List.of(NIGHTLY) : runs, failures);
    }
    recordFailure(ALL, failures, environment::assertThatViewEqualsFoldOfLog);
    return failures;
  }

  private void runCycle(
      List<Story> stories, int number, List<Story.Run> runs, Map<String, AssertionError> failures)
      throws Exception {
    environment.record(
        stories.stream().flatMap(story -> story.cycle(number).events().stream()).toList());
    for (Story story : stories) {
      for (String step : story.cycle(number).damage()) {
        environment.damage(story, step);
      }
    }
    ViewSnapshot snapshot = environment.snapshot();
    for (Story.Run run : runs) {
      environment.run(run);
      runCount++;
    }
    List<JsonNode> reports = environment.newReports();
    Map<UUID, ViewRow> rows = environment.rows();
    for (Story story : stories) {
      String cycle = story + ", cycle " + (number + 1);
      recordFailure(
          story.name(),
          failures,
          () -> {
            assertThat(reportedFindings(story, reports, snapshot))
                .as(cycle + ": findings")
                .containsExactlyInAnyOrderElementsOf(
                    story.cycle(number).findings().stream().map(Story.Finding::toString).toList());
            assertThat(actualRows(story, rows, snapshot))
                .as(cycle + ": rows")
                .isEqualTo(expectedRows(story, number));
          });
    }
    recordFailure(ALL, failures, () -> checkTotals(stories, number, reports, rows));
  }

  private static void recordFailure(
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

  private List<String> reportedFindings(
      Story story, List<JsonNode> reports, ViewSnapshot snapshot) {
    List<String> findings = new ArrayList<>();
    details(reports)
        .forEach(
            detail -> {
              TestUser user = users.get(UUID.fromString(detail.path("user").asText()));
              if (user != null && user.story().equals(story)) {
                findings.add(finding(user, detail, snapshot).toString());
              }
            });
    return findings;
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
                  .map(field -> snapshot.format(id, field, micros))
                  .orElseGet(
                      () -> snapshot.isSince(micros) ? "raised" : ViewSnapshot.format(micros));
    }
    return new Story.Finding(
        user.user(),
        detail.path("finding").asText(),
        cells,
        repair,
        UserOutcome.valueOf(detail.path("outcome").asText()));
  }

  private static Map<String, String> actualRows(
      Story story, Map<UUID, ViewRow> rows, ViewSnapshot snapshot) {
    Map<String, String> actual = new TreeMap<>();
    for (String user : story.users()) {
      UUID id = story.user(user);
      actual.put(
          user,
          StoryRow.text(
              Optional.ofNullable(rows.get(id)),
              story.events().filter(event -> event.userId().equals(id)).toList(),
              snapshot));
    }
    return actual;
  }

  /** The expected rows of the story. A user without an expected row so far has none in the view. */
  private static Map<String, String> expectedRows(Story story, int cycle) {
    Map<String, String> rows = new TreeMap<>(story.cycle(cycle).rows());
    story.users().forEach(user -> rows.putIfAbsent(user, StoryRow.NONE));
    return rows;
  }

  /** The totals of the reports must match the stories, and the reports must name no other user. */
  private void checkTotals(
      List<Story> stories, int number, List<JsonNode> reports, Map<UUID, ViewRow> rows) {
    Map<String, Integer> expected = new TreeMap<>();
    Set<UUID> drifted = new HashSet<>();
    Set<UUID> repaired = new HashSet<>();
    Set<UUID> unresolved = new HashSet<>();
    for (Story story : stories) {
      for (Story.Finding each : story.cycle(number).findings()) {
        expected.merge(each.type(), 1, Integer::sum);
        drifted.add(story.user(each.user()));
        if (each.isRepaired()) {
          repaired.add(story.user(each.user()));
        }
        if (each.outcome() == UserOutcome.UNRESOLVED) {
          unresolved.add(story.user(each.user()));
        }
      }
      story
          .cycle(number)
          .allOtherUsers()
          .ifPresent(
              type ->
                  rows.keySet().stream()
                      .filter(id -> !users.get(id).story().equals(story))
                      .forEach(
                          id -> {
                            expected.merge(type, 1, Integer::sum);
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
                    type -> counted.merge(type.getKey(), type.getValue().asInt(), Integer::sum)));
    counted.forEach((type, users) -> findingCounts.merge(type, users, Integer::sum));
    // findings that are not drift are counted, but have no detail
    counted.keySet().removeAll(Set.of("ahead", "behind", "newer_writetime"));
    counted.values().removeIf(users -> users == 0);
    String cycle = "cycle " + (number + 1);
    assertThat(names(details(reports).map(each -> UUID.fromString(each.path("user").asText()))))
        .as(cycle)
        .isEqualTo(names(drifted.stream()));
    assertThat(counted).as(cycle).isEqualTo(expected);
    assertThat(sum(reports, "drifted")).as(cycle + ": drifted").isEqualTo(drifted.size());
    assertThat(sum(reports, "repaired")).as(cycle + ": repaired").isEqualTo(repaired.size());
    assertThat(sum(reports, "blocked")).as(cycle + ": blocked").isEqualTo(unresolved.size());
    assertThat(sum(reports, "left_to_gap")).as(cycle + ": left_to_gap").isZero();
  }

  private static int sum(List<JsonNode> reports, String key) {
    return reports.stream().mapToInt(report -> report.path(key).asInt()).sum();
  }

  private Set<String> names(Stream<UUID> ids) {
    return ids.map(
            id ->
                users.containsKey(id)
                    ? users.get(id).story() + "/" + users.get(id).user()
                    : id.toString())
        .collect(Collectors.toSet());
  }

  /** Reconciles all users, which must find no drift, and writes the section of the report. */
  private void checkFinalState(List<Story> stories) throws Exception {
    environment.run(RECONCILE);
    runCount++;
    for (JsonNode report : environment.newReports()) {
      assertThat(report.path("outcome").asText()).as(report.toPrettyString()).isEqualTo("CLEAN");
    }
    environment.assertThatViewEqualsFoldOfLog();
    Proof proof = Proof.section("10-stories", "Stories");
    proof.addLine(
        "stories=%d users=%d events=%d damages=%d",
        stories.size(),
        users.size(),
        stories.stream().flatMap(Story::events).count(),
        stories.stream()
            .flatMap(story -> story.cycles().stream())
            .mapToInt(cycle -> cycle.damage().size())
            .sum());
    proof.addLine("runs=%d findings=%s", runCount, findingCounts);
    proof.addLine("each ended as expected; a last reconcile of all users found no drift");
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
