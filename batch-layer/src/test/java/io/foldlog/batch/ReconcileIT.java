package io.foldlog.batch;

import static io.foldlog.batch.Events.TIME;
import static io.foldlog.batch.Events.registered;
import static io.foldlog.batch.Events.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.application.ExitStatus;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the stories of infra/scenarios do not tell of the reconcile. */
class ReconcileIT {

  @TempDir Path folder;

  private final Map<UUID, UserState> expected = new HashMap<>();

  @Test
  void shouldHoldBackRepairsAboveEventTimesWhileANewerSpeedLayerRuns() throws Exception {
    try (View view = View.in(folder)) {
      Pipeline pipeline = Pipeline.in(folder, view.settingsText());
      happen(pipeline, view, users(0, 3));
      view.damage("UPDATE T SET first_name = 'somebody else' WHERE id = ?", user(1));
      view.session()
          .execute(
              "INSERT INTO %s.running_layers (layer, instance, decode_version, heartbeat) VALUES ('speed-layer', '1', 999, toTimestamp(now()))"
                  .formatted(view.keyspace()));
      assertThatThrownBy(() -> pipeline.run("nightly")).hasMessageContaining("1 held back");
      assertThat(View.differing(expected, view.rows())).containsExactly(user(1));
      view.session().execute("TRUNCATE %s.running_layers".formatted(view.keyspace()));
      assertThat(pipeline.run("reconcile")).isEqualTo(ExitStatus.DONE);
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
