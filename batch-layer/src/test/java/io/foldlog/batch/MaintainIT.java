package io.foldlog.batch;

import static io.foldlog.batch.Events.TIME;
import static io.foldlog.batch.Events.registered;
import static io.foldlog.batch.Events.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.application.ExitStatus;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.batch.lake.UsersTable;
import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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
  void shouldJoinSmallFilesAndRefuseTablesThatSomebodyElseWroteTo() throws Exception {
    Pipeline pipeline = Pipeline.in(folder);
    for (int number = 0; number < USERS; number++) {
      pipeline.send(registered(user(number), TIME + number, "name " + number));
    }
    pipeline.run("archive");
    pipeline.run("fold");
    List<String> folded = pipeline.rows("users");

    pipeline.ask(lake -> scatter(lake.users()));
    assertThat(filesOfUsers(pipeline)).isGreaterThanOrEqualTo(16);
    assertThat(pipeline.run("maintain")).isEqualTo(ExitStatus.DONE);
    assertThat(pipeline.report()).contains("\"compacted\" : 1", "\"compared_users\" : " + USERS);
    assertThat(filesOfUsers(pipeline)).isOne();
    assertThat(pipeline.rows("users")).isEqualTo(folded);

    pipeline.ask(
        lake ->
            change(
                lake.users(),
                users -> users.delta().updateExpr(Map.of("first_name", "'somebody else'"))));
    assertRefused(pipeline, USERS + " users are not what their events fold to");
    pipeline.run("fold", "--full");
    assertThat(pipeline.run("maintain")).isEqualTo(ExitStatus.DONE);

    pipeline.ask(lake -> change(lake.events(), events -> events.delta().delete("offset = 1")));
    assertRefused(pipeline, "does not hold partition");
  }

  /** By the checksums that Delta leaves, and without them: the same. */
  private static long filesOfUsers(Pipeline pipeline) {
    return pipeline.ask(
        lake -> {
          LakeTable table = lake.users();
          long counted = table.files();
          Path checksum =
              Path.of(table.path(), "_delta_log")
                  .resolve("%020d.crc".formatted(table.latestVersion().orElseThrow()));
          try {
            Path aside = Files.move(checksum, checksum.resolveSibling("aside"));
            assertThat(table.files()).isEqualTo(counted);
            Files.move(aside, checksum);
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
          return counted;
        });
  }

  /** Writes the table's rows again, in many files. */
  private static Void scatter(LakeTable table) {
    table
        .writer(
            table.read().repartition(USERS, functions.col(UsersTable.USER_ID)), table.metadata())
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

  private static void assertRefused(Pipeline pipeline, String words) {
    assertThatThrownBy(() -> pipeline.run("maintain"))
        .isInstanceOfSatisfying(
            PipelineException.class,
            refusal -> assertThat(refusal.kind()).isEqualTo(PipelineException.Kind.RECORD_CHANGED))
        .hasMessageContaining(words);
  }
}
