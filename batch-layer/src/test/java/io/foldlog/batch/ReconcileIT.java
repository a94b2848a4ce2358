package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.profile;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.foldlog.batch.maintain.MaintainFigures;
import io.foldlog.batch.reconcile.ReconcileFigures;
import io.foldlog.batch.reconcile.ReconcileFigures.Detail;
import io.foldlog.batch.reconcile.ReconcileOutcome;
import io.foldlog.batch.reconcile.UnresolvedCells;
import io.foldlog.batch.reconcile.UnresolvedReason;
import io.foldlog.batch.reconcile.UserOutcome;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.TestTopic;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.view.ViewRow;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcileIT {

  private static final int OWN = DecodeRules.current(EventDecoder.CreateTime.REJECT).version();

  @TempDir Path folder;

  @Test
  void shouldReportDriftInDryRunEnforceLimitAndRepair() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      List<UserEvent> events =
          List.of(
              profile(user(1), NOON, "A"),
              profile(user(2), NOON, "B"),
              profile(user(3), NOON, "C"));
      pipeline.send(events);
      pipeline.runSuccessfully("archive");
      pipeline.runSuccessfully("fold");
      view.write(events);
      view.damage("DELETE FROM T WHERE id = ?", user(1));
      view.damage("UPDATE T SET first_name = 'another client' WHERE id = ?", user(2));
      view.damage("INSERT INTO T (id, email) VALUES (?, 'ghost@example.org')", user(9000));
      Map<UUID, ViewRow> damaged = view.rows();

      ReconcileFigures dry = figures(pipeline.runSuccessfully("reconcile", "--dry-run"));
      assertThat(dry.outcome()).isEqualTo(ReconcileOutcome.DRIFT_FOUND);
      assertThat(dry.dryRun()).isTrue();
      assertThat(dry.drifted()).isEqualTo(3);
      assertThat(dry.destructive()).isEqualTo(2);
      assertThat(dry.findings())
          .containsEntry("missing", 1L)
          .containsEntry("foreign", 1L)
          .containsEntry("ghost", 1L);
      assertThat(dry.details()).extracting(Detail::outcome).containsOnly(UserOutcome.NOT_REPAIRED);

      ApplicationResult refused = pipeline.run("reconcile", "--destructive-limit", "1");
      assertThat(refused.status()).isEqualTo(ExitStatus.REPAIR_LIMIT_EXCEEDED);
      assertThat(refused.message()).contains("reconcile --destructive-limit 2");
      ReconcileFigures over = figures(refused.result(RunReport.class));
      assertThat(over.outcome()).isEqualTo(ReconcileOutcome.REPAIR_LIMIT_EXCEEDED);
      assertThat(over.dryRun()).isFalse();
      assertThat(over.destructive()).isEqualTo(2);
      assertThat(over.limit()).isOne();
      assertThat(over.repaired()).isZero();
      assertThat(view.rows())
          .as("the view is unchanged")
          .usingRecursiveComparison()
          .isEqualTo(damaged);
      assertThat(pipeline.rows("repairs")).isEmpty();

      ReconcileFigures repaired =
          figures(pipeline.runSuccessfully("reconcile", "--destructive-limit", "3"));
      assertThat(repaired.outcome()).isEqualTo(ReconcileOutcome.REPAIRED);
      assertThat(repaired.repaired()).isEqualTo(3);
      assertThat(repaired.secondRound())
          .as(
              "the deleted row, which needs a writetime after the deletion, and the ghost's empty row")
          .isEqualTo(2);
      assertThat(repaired.details()).extracting(Detail::outcome).containsOnly(UserOutcome.REPAIRED);
      assertThat(view.differences(events)).isEmpty();

      ReconcileFigures clean = figures(pipeline.runSuccessfully("reconcile"));
      assertThat(clean.outcome()).isEqualTo(ReconcileOutcome.CLEAN);
      assertThat(clean.drifted()).isZero();
      assertThat(clean.slice())
          .as("after a full reconcile, the scope changed audits a token range")
          .isPresent();
      assertThat(pipeline.rows("reconcile_runs"))
          .as("archive, fold and three reconciles; a dry run is not recorded")
          .hasSize(5);
    }
  }

  @Test
  void shouldNotRepairUsersExcludedByGap() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      UserEvent lost = profile(user(1), NOON, "lost");
      pipeline.send(lost);
      view.write(List.of(lost));
      deleteRecords(pipeline.topic(), BatchPipeline.partition(user(1)));
      assertThat(pipeline.run("archive").status()).isEqualTo(ExitStatus.STATE_MISMATCH);
      pipeline.runSuccessfully("archive", "--accept-gap");
      pipeline.runSuccessfully("fold");
      Map<UUID, ViewRow> before = view.rows();

      ReconcileFigures excluded = figures(pipeline.runSuccessfully("reconcile"));
      assertThat(excluded.outcome()).isEqualTo(ReconcileOutcome.EXCLUDED_BY_GAP);
      assertThat(excluded.leftToGap()).isOne();
      assertThat(excluded.repaired()).isZero();
      assertThat(excluded.details())
          .extracting(Detail::outcome)
          .containsOnly(UserOutcome.EXCLUDED_BY_GAP);
      assertThat(view.rows()).usingRecursiveComparison().isEqualTo(before);
    }
  }

  @Test
  void shouldOnlyReportWhenHigherDecodeVersionHasWritten() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      List<UserEvent> events = List.of(profile(user(1), NOON, "A"), profile(user(2), NOON, "B"));
      pipeline.send(events);
      pipeline.runSuccessfully("archive");
      pipeline.runSuccessfully("fold");
      view.write(events.subList(0, 1));
      view.recordDecodeVersion(OWN + 1);
      Map<UUID, ViewRow> before = view.rows();

      ApplicationResult reported = pipeline.run("reconcile");
      assertThat(reported.status()).isEqualTo(ExitStatus.UNRESOLVED_DRIFT);
      assertThat(reported.message())
          .startsWith(
              "Decode version %d has written to the view, and this release decodes with version %d"
                  .formatted(OWN + 1, OWN))
          .contains("1 users differ", "reconcile --accept-older-version");
      ReconcileFigures figures = figures(reported.result(RunReport.class));
      assertThat(figures.newerDecodeVersion()).contains(OWN + 1);
      assertThat(figures.outcome()).isEqualTo(ReconcileOutcome.UNRESOLVED_DRIFT);
      assertThat(figures.dryRun()).isFalse();
      assertThat(figures.details())
          .extracting(Detail::outcome)
          .containsOnly(UserOutcome.NOT_REPAIRED);
      assertThat(view.rows()).usingRecursiveComparison().isEqualTo(before);
      assertThat(view.decodeVersions()).containsExactly(OWN + 1);
      assertThat(pipeline.rows("repairs")).isEmpty();

      figures = figures(pipeline.runSuccessfully("reconcile", "--accept-older-version"));
      assertThat(figures.newerDecodeVersion()).isEmpty();
      assertThat(figures.outcome()).isEqualTo(ReconcileOutcome.REPAIRED);
      assertThat(view.differences(events)).isEmpty();
      assertThat(view.decodeVersions()).containsExactly(OWN + 1, OWN);
    }
  }

  /** An earlier decode version wrote at the record's place, and this one reads another time. */
  @Test
  @Tag("fault")
  void shouldCountUsersWithCellsAtTimesOfTheirOwnRecordsApart() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      List<UserEvent> events =
          List.of(
              profile(user(1), NOON, "A"),
              profile(user(2), NOON, "B"),
              profile(user(3), NOON, "C"),
              profile(user(4), NOON, "D"));
      pipeline.send(events);
      pipeline.sendRaw(0, null, rejected(user(5)));
      pipeline.runSuccessfully("archive");
      pipeline.runSuccessfully("fold");
      view.write(events);
      view.write(
          Stream.of(1, 2, 3, 5)
              .map(number -> user(number))
              .map(user -> profile(user, pipeline.place(user), "earlier reading"))
              .toList());
      view.damage("UPDATE T SET first_name = 'another client' WHERE id = ?", user(3));
      view.damage("UPDATE T SET first_name = 'another client' WHERE id = ?", user(4));

      ApplicationResult refused = pipeline.run("reconcile", "--destructive-limit", "4");
      assertThat(refused.status()).isEqualTo(ExitStatus.REPAIR_LIMIT_EXCEEDED);
      assertThat(refused.message())
          .contains(
              "3 of them have such cells only at the times of their own records, as another decode version writes them; 2 have others");
      ReconcileFigures first = figures(refused.result(RunReport.class));
      assertThat(first.destructive()).isEqualTo(5);
      assertThat(first.destructiveAtRecordTimes())
          .as("users 1 and 2, and the ghost of the rejected record")
          .contains(3L);

      pipeline.runSuccessfully("reconcile", "--destructive-limit", "5");
      assertThat(view.differences(events)).isEmpty();
      view.damage("UPDATE T SET first_name = 'another client' WHERE id = ?", user(4));
      ReconcileFigures later = figures(pipeline.runSuccessfully("reconcile", "--scope", "full"));
      assertThat(later.destructive()).isOne();
      assertThat(later.destructiveAtRecordTimes())
          .as("the last successful reconcile had this decode version")
          .isEmpty();
    }
  }

  private static byte[] rejected(UUID user) {
    return "{\"id\":\"%s\",\"dob\":\"no date\"}"
        .formatted(user.toString().toUpperCase(Locale.ROOT))
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void shouldRepairTheOthersWhenCassandraRefusesARepair() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      List<UserEvent> events =
          IntStream.rangeClosed(1, 7).mapToObj(number -> profile(user(number), NOON, "A")).toList();
      pipeline.send(events);
      pipeline.runSuccessfully("archive");
      pipeline.runSuccessfully("fold");
      view.write(events);
      long now = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
      String overwrite = "UPDATE T USING TIMESTAMP ? SET first_name = 'Mars' WHERE id = ?";
      view.damage(overwrite, now + TimeUnit.HOURS.toMicros(48), user(1));
      view.damage(overwrite, now * 1000, user(2));
      view.damage(overwrite, Long.MAX_VALUE, user(3));
      view.damage(overwrite, now + TimeUnit.HOURS.toMicros(1), user(4));
      view.damage(overwrite, now, user(5));
      view.damage("DELETE FROM T WHERE id = ?", user(6));
      view.damage("INSERT INTO T (id, email) VALUES (?, 'ghost@example.org')", user(9000));
      view.damage(
          "INSERT INTO T (id, email) VALUES (?, 'ghost@example.org') USING TIMESTAMP ?",
          user(9001),
          now + TimeUnit.HOURS.toMicros(1));

      ApplicationResult run = pipeline.run("reconcile", "--scope", "full", "--overwrite-future");
      assertThat(run.status()).as(run.message()).isEqualTo(ExitStatus.UNRESOLVED_DRIFT);
      assertThat(run.message())
          .contains("2 whose repair Cassandra refuses", "1 with cells at the highest writetime");
      ReconcileFigures figures = figures(run.result(RunReport.class));
      assertThat(figures.unresolvedCells())
          .extracting(UnresolvedCells::user, UnresolvedCells::reason, UnresolvedCells::cells)
          .containsExactlyInAnyOrder(
              tuple(user(1).toString(), UnresolvedReason.REJECTED, List.of("first_name")),
              tuple(user(2).toString(), UnresolvedReason.REJECTED, List.of("first_name")),
              tuple(user(3).toString(), UnresolvedReason.HIGHEST_WRITETIME, List.of("first_name")));
      assertThat(figures.unresolvedCells())
          .filteredOn(each -> each.reason() == UnresolvedReason.REJECTED)
          .allSatisfy(
              each ->
                  assertThat(each.message())
                      .contains("Guardrail maximum_timestamp violated")
                      .doesNotContain("Mars"));
      assertThat(figures.repaired()).as("users 4 to 6 and both ghosts").isEqualTo(5);
      assertThat(figures.blocked()).isEqualTo(2);
      assertThat(view.differences(events)).hasSize(3);

      // the way out in docs/runbook.md
      view.damage("TRUNCATE T ");
      pipeline.runSuccessfully("reconcile", "--scope", "full");
      assertThat(view.exactDifferences(events)).isEmpty();
    }
  }

  /** The story row-deleted-in-the-future is the short form of this test. */
  @Test
  @Tag("fault")
  void shouldNameADeletionInTheFuture() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline =
          BatchPipeline.in(folder, BatchLayerInProcess.SMALL_LAKE + "\n" + view.settingsText());
      List<UserEvent> events =
          List.of(
              profile(user(1), NOON, "A"),
              profile(user(2), NOON, "B"),
              profile(user(3), NOON, "C"));
      pipeline.send(events);
      view.write(events);
      long now = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
      long later = now + TimeUnit.HOURS.toMicros(1);
      view.damage("DELETE FROM T USING TIMESTAMP ? WHERE id = ?", later, user(1));
      view.damage("DELETE email FROM T USING TIMESTAMP ? WHERE id = ?", later, user(2));
      view.damage("INSERT INTO T (id) VALUES (?) USING TIMESTAMP ?", user(9000), later);
      view.damage("DELETE FROM T WHERE id = ?", user(3));

      ApplicationResult run = pipeline.run("nightly");
      assertThat(run.status()).as(run.message()).isEqualTo(ExitStatus.UNRESOLVED_DRIFT);
      assertThat(run.message())
          .contains("2 with cells that a deletion in the future covers")
          .contains("1 whose row an INSERT in the future keeps visible");
      RunReport report = run.result(RunReport.class);
      ReconcileFigures figures = figures(report);
      assertThat(figures.unresolvedCells())
          .extracting(UnresolvedCells::user, UnresolvedCells::reason)
          .containsExactlyInAnyOrder(
              tuple(user(1).toString(), UnresolvedReason.FUTURE_DELETION),
              tuple(user(2).toString(), UnresolvedReason.FUTURE_DELETION),
              tuple(user(9000).toString(), UnresolvedReason.FUTURE_ROW_MARKER));
      assertThat(figures.unresolvedCells())
          .allSatisfy(
              each -> assertThat(each.message()).containsPattern(" at 2\\d{3}-\\S+Z or later "));
      assertThat(figures.repaired()).as("user 3").isOne();
      assertThat(report.figures(MaintainFigures.class))
          .as("maintain runs nevertheless")
          .isPresent();
    }
  }

  private static ReconcileFigures figures(RunReport report) {
    return report.figures(ReconcileFigures.class).orElseThrow();
  }

  /** Deletes all records, as retention does. */
  private static void deleteRecords(TestTopic topic, int partition) throws Exception {
    try (Admin admin = topic.clients().admin()) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topic.name(), partition), RecordsToDelete.beforeOffset(-1)))
          .all()
          .get();
    }
  }
}
