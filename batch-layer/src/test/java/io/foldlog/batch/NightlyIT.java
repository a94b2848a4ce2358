package io.foldlog.batch;

import static io.foldlog.batch.Events.TIME;
import static io.foldlog.batch.Events.deleted;
import static io.foldlog.batch.Events.registered;
import static io.foldlog.batch.Events.updated;
import static io.foldlog.batch.Events.user;
import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.reconcile.ReconcileFigures;
import io.foldlog.batch.reconcile.ReconcileOutcome;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The nightly run as users start it. */
class NightlyIT {

  @TempDir Path folder;

  @Test
  void shouldRepairTheViewOfTwoThousandUsersInAProcessOfItsOwn() throws Exception {
    try (View view = View.in(folder)) {
      Pipeline pipeline = Pipeline.in(folder, view.settingsText());
      List<UserEvent> events = new ArrayList<>();
      for (int number = 0; number < 2000; number++) {
        events.add(registered(user(number), TIME + number, "name " + number));
        if (number % 4 == 0) {
          events.add(updated(user(number), TIME + 10_000 + number, "other " + number));
        }
        if (number % 20 == 0) {
          events.add(deleted(user(number), TIME + 20_000 + number));
        }
      }
      Map<UUID, UserState> expected = Events.folded(events);
      pipeline.send(events);
      view.write(events);
      view.damage("DELETE FROM T WHERE id = ?", user(1));
      view.damage("UPDATE T SET first_name = 'somebody else' WHERE id = ?", user(2));
      view.damage("INSERT INTO T (id, email) VALUES (?, 'ghost@example.org')", user(9000));
      BatchProcess.Ended nightly = BatchProcess.run(folder, pipeline.settingsText(), "nightly");
      assertThat(nightly.output()).contains("outcome=REPAIRED", "missing=1", "ghost=1");
      assertThat(nightly.status()).as(nightly.output()).isZero();
      assertThat(View.differing(expected, view.rows())).isEmpty();
      assertThat(
              pipeline
                  .runToEnd("reconcile", "--scope", "full")
                  .figures(ReconcileFigures.class)
                  .map(ReconcileFigures::outcome))
          .contains(ReconcileOutcome.CLEAN);
    }
  }
}
