package io.foldlog.batch;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.profile;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.lake.LakeTable;
import io.foldlog.batch.maintain.MaintainFigures;
import io.foldlog.lake.UserColumns;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaintainIT {

  private static final int USERS = 40;

  @TempDir Path folder;

  @Test
  void shouldCompactFilesAndRejectTablesThatAnotherWriterChanged() throws Exception {
    BatchPipeline pipeline = BatchPipeline.in(folder);
    for (int number = 0; number < USERS; number++) {
      pipeline.send(profile(user(number), NOON + number, "name " + number));
    }
    pipeline.runSuccessfully("archive");
    pipeline.runSuccessfully("fold");
    List<String> folded = pipeline.rows("users");

    pipeline.query(lake -> splitFiles(lake.users()));
    assertThat(filesOfUsers(pipeline)).isGreaterThanOrEqualTo(16);
    MaintainFigures maintained =
        pipeline.runSuccessfully("maintain").figures(MaintainFigures.class).orElseThrow();
    assertThat(maintained.compacted()).isOne();
    assertThat(maintained.comparedUsers()).isEqualTo(USERS);
    assertThat(filesOfUsers(pipeline)).isOne();
    assertThat(pipeline.rows("users")).isEqualTo(folded);

    pipeline.query(
        lake ->
            change(
                lake.users(),
                users -> users.delta().updateExpr(Map.of("first_name", "'another writer'"))));
    assertRefused(pipeline, USERS + " users are not what their events fold to");
    pipeline.runSuccessfully("fold", "--full");
    pipeline.runSuccessfully("maintain");

    pipeline.query(lake -> change(lake.events(), events -> events.delta().delete("offset = 1")));
    assertRefused(pipeline, "records, but 40 were archived: another writer changed it");
  }

  private static long filesOfUsers(BatchPipeline pipeline) {
    return pipeline.query(lake -> lake.users().files());
  }

  /** Rewrites the table's rows into many files. */
  private static Void splitFiles(LakeTable table) {
    table
        .writer(
            table.read().repartition(USERS, functions.col(UserColumns.USER_ID)), table.metadata())
        .mode("overwrite")
        .save(table.path());
    return null;
  }

  private static Void change(LakeTable table, Consumer<LakeTable> operation) {
    return table.withMetadata(
        table.metadata(),
        () -> {
          operation.accept(table);
          return null;
        });
  }

  private static void assertRefused(BatchPipeline pipeline, String message) {
    ApplicationResult refused = pipeline.run("maintain");
    assertThat(refused.status()).isEqualTo(ExitStatus.STATE_MISMATCH);
    assertThat(refused.message()).contains(message);
  }
}
