package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.deleted;
import static io.foldlog.contract.TestEvents.profile;
import static io.foldlog.contract.TestEvents.renamed;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.fold.Fold;
import io.foldlog.batch.fold.FoldFigures;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.batch.lake.UsersTable;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserState;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldIT {

  private static final long DAY = 86_400_000_000L;

  @TempDir Path folder;

  @Test
  void shouldRejectFoldWithoutArchive() {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    ApplicationResult refused = pipeline.run("fold");
    assertThat(refused.status()).isEqualTo(ExitStatus.STATE_MISMATCH);
    assertThat(refused.message()).contains("run archive first");
  }

  @Test
  void shouldFoldNewEventsToSameStateAsFullFold() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    Map<UUID, UserState> expected = new HashMap<>();
    Random random = new Random(11);
    for (int round = 0; round < 3; round++) {
      List<UserEvent> events = randomEvents(random, 150);
      events.forEach(
          event -> expected.computeIfAbsent(event.userId(), id -> new UserState()).apply(event));
      pipeline.send(events);
      pipeline.sendRaw(round % 2, null, "no event".getBytes(StandardCharsets.UTF_8));
      pipeline.runSuccessfully("archive");
      pipeline.runSuccessfully("fold");
      assertThat(users(pipeline)).isEqualTo(expected);
    }
    pipeline.runSuccessfully("fold"); // without a new event
    assertThat(users(pipeline)).isEqualTo(expected);
    List<String> rejected = pipeline.rows("rejected_events");
    List<String> registrations = pipeline.rows("registrations_by_day");
    assertThat(rejected).hasSize(3);
    assertThat(rejected.get(0)).contains("NOT_JSON");
    assertThat(registrations).hasSize(4);
    pipeline.runSuccessfully("fold", "--full");
    assertThat(users(pipeline)).isEqualTo(expected);
    assertThat(pipeline.rows("rejected_events")).isEqualTo(rejected);
    assertThat(pipeline.rows("registrations_by_day")).isEqualTo(registrations);
  }

  @Test
  void shouldRunFullFoldAfterDecodeVersionChanged() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    pipeline.send(profile(user(1), NOON, "A"), renamed(user(1), NOON + 1, "B"));
    pipeline.runSuccessfully("archive");
    pipeline.runSuccessfully("fold");
    List<String> folded = pipeline.rows("users");
    pipeline.query(
        lake -> {
          LakeTable users = lake.users();
          CommitMetadata known = users.metadata();
          CommitMetadata older =
              CommitMetadata.undecoded("older", known.logId(), known.offsets(), 0, List.of());
          List<String> columns = List.of(users.schema().fieldNames());
          Dataset<Row> withoutLastColumn =
              users
                  .read()
                  .withColumn("first_name", functions.lit("of an older version"))
                  .drop(columns.get(columns.size() - 1));
          users
              .writer(withoutLastColumn, older)
              .option("overwriteSchema", true)
              .mode("overwrite")
              .save(users.path());
          return null;
        });
    assertThat(pipeline.rows("users")).isNotEqualTo(folded);
    RunReport again = pipeline.runSuccessfully("fold");
    assertThat(pipeline.rows("users")).isEqualTo(folded);
    assertThat(again.figures(FoldFigures.class).map(FoldFigures::mode)).contains(Fold.Mode.FULL);
  }

  private static Map<UUID, UserState> users(BatchPipeline pipeline) {
    return pipeline.query(
        lake -> {
          Map<UUID, UserState> states = new HashMap<>();
          lake.users()
              .read()
              .collectAsList()
              .forEach(row -> states.put(UsersTable.userId(row), UsersTable.state(row)));
          return states;
        });
  }

  private static List<UserEvent> randomEvents(Random random, int count) {
    List<UserEvent> events = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      UUID user = user(random.nextInt(40));
      long time = NOON + random.nextInt(4) * DAY + random.nextInt(20);
      events.add(
          switch (random.nextInt(5)) {
            case 0 -> deleted(user, time);
            case 1, 2 -> profile(user, time, "name " + random.nextInt(5));
            default -> renamed(user, time, random.nextInt(4) == 0 ? "" : "x" + number);
          });
    }
    return events;
  }
}
