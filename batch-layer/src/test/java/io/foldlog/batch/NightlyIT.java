package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.reconcile.ReconcileFigures;
import io.foldlog.batch.reconcile.ReconcileOutcome;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code nightly} in a separate process, as operators run it. */
class NightlyIT {

  @TempDir Path folder;

  @Test
  void shouldRepairViewInSeparateProcess() throws Exception {
    try (View view = View.in(folder)) {
      BatchPipeline pipeline = BatchPipeline.in(folder, view.settingsText());
      List<UserEvent> events = TestEvents.history(2_000);
      pipeline.send(events);
      view.write(events);
      view.damage("DELETE FROM T WHERE id = ?", user(1));
      view.damage("UPDATE T SET first_name = 'another client' WHERE id = ?", user(2));
      view.damage("INSERT INTO T (id, email) VALUES (?, 'ghost@example.org')", user(9000));
      BatchProcess.Result nightly = BatchProcess.run(folder, pipeline.settingsText(), "nightly");
      assertThat(nightly.output()).contains("outcome=REPAIRED", "missing=1", "ghost=1");
      assertThat(nightly.status()).as(nightly.output()).isZero();
      assertThat(view.differences(events)).isEmpty();
      assertThat(
              pipeline
                  .runSuccessfully("reconcile", "--scope", "full")
                  .figures(ReconcileFigures.class)
                  .map(ReconcileFigures::outcome))
          .contains(ReconcileOutcome.CLEAN);
    }
  }
}
