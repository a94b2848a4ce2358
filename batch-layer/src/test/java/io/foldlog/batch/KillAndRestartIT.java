package io.foldlog.batch;

import static io.foldlog.batch.Events.TIME;
import static io.foldlog.batch.Events.registered;
import static io.foldlog.batch.Events.updated;
import static io.foldlog.batch.Events.user;
import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each step, ended as by a power cut at its worst moments and by signals at random ones, and
 * started again, ends in the same tables.
 */
class KillAndRestartIT {

  private static final int KILLED = 137;
  private static final int TERMINATED = 143;
  private static final List<String> STEPS = List.of("archive", "fold", "reconcile", "maintain");
  private static final int SIGNALS = Integer.getInteger("foldlog.kills", 2);
  private static final long SEED = Long.getLong("foldlog.seed", 3L);

  @TempDir Path folder;

  private final Map<UUID, UserState> expected = new HashMap<>();
  private final Random random = new Random(SEED);
  private int records;
  private int rejected;

  @Test
  void shouldEndInTheSameTablesWhereverItIsCutOff() throws Exception {
    try (View view = View.in(folder)) {
      Pipeline pipeline = Pipeline.in(folder, view.settingsText());
      String[] points = {
        "archive.planned",
        "archive.appended",
        "fold.registrations-written",
        "fold.users-written",
        "reconcile.stored",
        "reconcile.one-written",
        "reconcile.written",
        "maintain.compacted"
      };
      for (String point : points) {
        happen(pipeline, view);
        String step = point.substring(0, point.indexOf('.'));
        for (String before : STEPS.subList(0, STEPS.indexOf(step))) {
          pipeline.run(before);
        }
        assertThat(start(pipeline, point, step)).as(point).isEqualTo(KILLED);
      }
      for (int signal = 0; signal < SIGNALS; signal++) {
        happen(pipeline, view);
        boolean kill = signal % 2 == 0;
        Duration after = Duration.ofMillis(4_000 + random.nextInt(16_000));
        int status =
            BatchProcess.signalled(
                    folder,
                    pipeline.settingsText(),
                    kill ? Process::destroyForcibly : process -> process.toHandle().destroy(),
                    after,
                    "nightly")
                .status();
        System.out.printf("signal=%s after=%s status=%d%n", kill ? "KILL" : "TERM", after, status);
        assertThat(status).isIn(0, kill ? KILLED : TERMINATED);
      }
      assertThat(start(pipeline, "none", "nightly")).isZero();
      assertThat(pipeline.rows("events")).hasSize(records).doesNotHaveDuplicates();
      assertThat(pipeline.rows("rejected_events")).hasSize(rejected);
      assertThat(View.differing(expected, view.rows())).isEmpty();
      List<String> users = pipeline.rows("users");
      List<String> registrations = pipeline.rows("registrations_by_day");
      pipeline.run("fold", "--full");
      assertThat(pipeline.rows("users")).isEqualTo(users);
      assertThat(pipeline.rows("registrations_by_day")).isEqualTo(registrations);
    }
  }

  /** Events, half of which the speed layer has seen, one that is none, and damage. */
  private void happen(Pipeline pipeline, View view) throws Exception {
    List<UserEvent> events = events(random);
    events.forEach(
        event -> expected.computeIfAbsent(event.userId(), id -> new UserState()).apply(event));
    pipeline.send(events);
    pipeline.sendRaw(0, null, "no event".getBytes(StandardCharsets.UTF_8));
    view.write(events.subList(0, events.size() / 2));
    records += events.size() + 1;
    rejected++;
    view.damage("UPDATE T SET city = 'Nowhere' WHERE id = ?", user(1));
    view.damage("INSERT INTO T (id, email) VALUES (?, 'ghost@example.org')", user(1000));
  }

  private static List<UserEvent> events(Random random) {
    List<UserEvent> events = new ArrayList<>();
    for (int number = 0; number < 40; number++) {
      UUID user = user(random.nextInt(30));
      long time = TIME + random.nextInt(1000);
      events.add(
          random.nextBoolean()
              ? registered(user, time, "name " + number)
              : updated(user, time, "other " + number));
    }
    return events;
  }

  /** Runs a command in a process of its own; its exit status. */
  private int start(Pipeline pipeline, String faultPoint, String command) throws Exception {
    return BatchProcess.run(folder, pipeline.settingsText(), faultPoint, command).status();
  }
}
