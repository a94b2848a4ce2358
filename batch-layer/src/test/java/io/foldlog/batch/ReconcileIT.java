package io.foldlog.batch;

import static io.foldlog.batch.Events.TIME;
import static io.foldlog.batch.Events.deleted;
import static io.foldlog.batch.Events.registered;
import static io.foldlog.batch.Events.updated;
import static io.foldlog.batch.Events.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.application.ExitStatus;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import io.foldlog.view.ViewRow;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcileIT {

  @TempDir Path folder;

  private final Map<UUID, UserState> expected = new HashMap<>();

  @Test
  void shouldRepairPlantedDamageAndThenFindNone() throws Exception {
    try (View view = View.in(folder)) {
      Pipeline pipeline = Pipeline.in(folder, view.settingsText());
      happen(pipeline, view, users(0, 60));
      happen(pipeline, view, List.of(deleted(user(7), TIME + 100), deleted(user(8), TIME + 100)));
      view.damage("DELETE FROM T USING TIMESTAMP ? WHERE id = ?", TIME + 1, user(1));
      view.damage("UPDATE T SET first_name = 'somebody else' WHERE id = ?", user(2));
      view.damage("INSERT INTO T (id, email) VALUES (?, 'ghost@example.org')", user(1000));
      view.damage("UPDATE T SET city = 'Nowhere' WHERE id = ?", user(7));
      view.damage("INSERT INTO T (id) VALUES (?)", user(8));
      view.damage("DELETE FROM T WHERE id = ?", user(3));
      view.damage("DELETE last_event_id FROM T WHERE id = ?", user(4));
      view.damage(
          "UPDATE T USING TIMESTAMP ? AND TTL 100000 SET first_name = 'name 5' WHERE id = ?",
          TIME,
          user(5));
      view.damage("INSERT INTO T (id) VALUES (?)", user(1001));
      assertThat(pipeline.run("archive")).isEqualTo(ExitStatus.DONE);
      assertThat(pipeline.run("fold")).isEqualTo(ExitStatus.DONE);
      Map<UUID, ViewRow> damaged = view.rows();
      assertThat(pipeline.run("reconcile", "--dry-run")).isEqualTo(ExitStatus.DONE);
      assertThat(view.rows().keySet()).isEqualTo(damaged.keySet());
      assertThat(view.repairedUsers()).isZero();
      assertThat(pipeline.run("nightly")).isEqualTo(ExitStatus.DONE);
      assertThat(View.differing(expected, view.rows())).isEmpty();
      assertThat(pipeline.report())
          .contains("\"missing\" : 3", "\"foreign\" : 3", "\"ghost\" : 2", "\"stale\" : 1");
      assertThat(pipeline.run("reconcile")).isEqualTo(ExitStatus.DONE);
      assertThat(pipeline.report()).contains("\"outcome\" : \"clean\"", "\"scope\" : \"changed\"");
      assertThat(pipeline.run("reconcile", "--scope", "full")).isEqualTo(ExitStatus.DONE);
      assertThat(pipeline.report()).contains("\"outcome\" : \"clean\"", "\"scope\" : \"full\"");
      // an event at or below a raised time shows after the reconcile that follows
      happen(pipeline, view, List.of(updated(user(2), TIME + 200, "newer")));
      assertThat(View.differing(expected, view.rows())).containsExactly(user(2));
      assertThat(pipeline.run("nightly")).isEqualTo(ExitStatus.DONE);
      assertThat(View.differing(expected, view.rows())).isEmpty();
    }
  }

  @Test
  void shouldReportTheFutureAndOverwriteItOnlyOnRequest() throws Exception {
    try (View view = View.in(folder)) {
      Pipeline pipeline = Pipeline.in(folder, view.settingsText());
      happen(pipeline, view, users(0, 3));
      view.damage(
          "UPDATE T USING TIMESTAMP ? SET first_name = 'of the future' WHERE id = ?",
          TimeUnit.SECONDS.toMicros(Instant.now().getEpochSecond() + 3600),
          user(1));
      assertThatThrownBy(() -> pipeline.run("nightly"))
          .hasMessageContaining("1 with cells written in the future")
          .extracting(thrown -> ((PipelineException) thrown).kind())
          .isEqualTo(PipelineException.Kind.UNYIELDING_DRIFT);
      assertThat(pipeline.run("reconcile", "--overwrite-future")).isEqualTo(ExitStatus.DONE);
      assertThat(View.differing(expected, view.rows())).isEmpty();
      assertThat(pipeline.run("reconcile")).isEqualTo(ExitStatus.DONE);
    }
  }

  @Test
  void shouldStopBeforeTheFirstRepairBeyondTheLimit() throws Exception {
    try (View view = View.in(folder)) {
      Pipeline pipeline = Pipeline.in(folder, view.settingsText());
      happen(pipeline, view, users(0, 3));
      view.damage("DELETE FROM T USING TIMESTAMP ? WHERE id = ?", TIME + 1, user(2));
      for (int number = 0; number < 2; number++) {
        view.damage("UPDATE T SET first_name = 'somebody else' WHERE id = ?", user(number));
      }
      Map<UUID, ViewRow> damaged = view.rows();
      assertThatThrownBy(() -> pipeline.run("nightly", "--destructive-limit", "1"))
          .hasMessageContaining("2 users have cells that no event of the log explains")
          .hasMessageContaining("--destructive-limit 2")
          .extracting(thrown -> ((PipelineException) thrown).kind())
          .isEqualTo(PipelineException.Kind.DESTRUCTIVE_LIMIT);
      assertThat(view.rows().keySet()).isEqualTo(damaged.keySet());
      assertThat(pipeline.run("nightly")).isEqualTo(ExitStatus.DONE);
      assertThat(View.differing(expected, view.rows())).isEmpty();
    }
  }

  @Test
  void shouldLeaveWhatMayBeOfRecordsThatTheLogHasLost() throws Exception {
    try (View view = View.in(folder)) {
      Pipeline pipeline = Pipeline.in(folder, view.settingsText());
      happen(pipeline, view, users(0, 3));
      pipeline.run("nightly");
      List<UserEvent> lost = List.of(registered(user(50), now(), "of the lost records"));
      pipeline.send(lost);
      view.write(lost);
      pipeline.deleteTopic();
      org.awaitility.Awaitility.await().ignoreExceptions().untilAsserted(pipeline::createTopic);
      assertThatThrownBy(() -> pipeline.run("reconcile")).hasMessageContaining("created again");
      happen(pipeline, view, users(60, 61));
      assertThat(pipeline.run("nightly", "--accept-new-topic", "--scope", "full"))
          .isEqualTo(ExitStatus.DONE);
      assertThat(view.rows()).containsKeys(user(50), user(0), user(60));
      assertThat(pipeline.report()).contains("\"left_to_gap\" : 1");
    }
  }

  private static long now() {
    return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
  }

  /** Registrations of users, from the first number up to the last, excluded. */
  private static List<UserEvent> users(int first, int last) {
    List<UserEvent> events = new ArrayList<>();
    for (int number = first; number < last; number++) {
      events.add(registered(user(number), TIME, "name " + number));
    }
    return events;
  }

  private void happen(Pipeline pipeline, View view, List<UserEvent> events) throws Exception {
    events.forEach(
        event -> expected.computeIfAbsent(event.userId(), id -> new UserState()).apply(event));
    pipeline.send(events);
    view.write(events);
  }
}
