package io.foldlog.batch;

import static io.foldlog.batch.Events.TIME;
import static io.foldlog.batch.Events.registered;
import static io.foldlog.batch.Events.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.application.ExitStatus;
import io.foldlog.batch.lake.LakeLease;
import io.foldlog.contract.PipelineException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveIT {

  @TempDir Path folder;

  @Test
  void shouldCopyEachRecordOnceAndAsItWas() throws Exception {
    Pipeline pipeline = Pipeline.in(folder);
    assertThat(pipeline.run("archive")).isEqualTo(ExitStatus.DONE);
    assertThat(pipeline.rows("events")).isEmpty();
    pipeline.send(registered(user(1), TIME, "A"), registered(user(2), TIME, "B"));
    pipeline.sendRaw(1, null, "no event".getBytes(StandardCharsets.UTF_8));
    pipeline.sendRaw(0, new byte[] {1}, null);
    assertThat(pipeline.run("archive")).isEqualTo(ExitStatus.DONE);
    assertThat(pipeline.run("archive")).isEqualTo(ExitStatus.DONE);
    assertThat(pipeline.rows("events")).hasSize(4);
    pipeline.send(registered(user(3), TIME, "C"));
    assertThat(pipeline.run("archive")).isEqualTo(ExitStatus.DONE);
    assertThat(pipeline.rows("events")).hasSize(5).doesNotHaveDuplicates();
    assertThat(pipeline.report()).contains("\"records\" : 1", "\"status\" : 0");
  }

  @Test
  void shouldNoticeARecordThatIsNotTheArchivedOne() throws Exception {
    Pipeline pipeline = Pipeline.in(folder);
    pipeline.sendRaw(0, null, new byte[] {1});
    pipeline.run("archive");
    pipeline.run("fold");
    pipeline.ask(
        lake -> {
          lake.events()
              .withMetadata(
                  lake.events().metadata(),
                  () -> {
                    lake.events().delta().updateExpr(Map.of("value", "X'07'"));
                    return null;
                  });
          return null;
        });
    assertThatThrownBy(() -> pipeline.run("archive"))
        .hasMessageContaining("The record at offset 0 of partition 0")
        .hasMessageContaining("is not the one that was archived");
    pipeline.run("archive", "--accept-gap");
    pipeline.run("archive");
    assertThat(pipeline.rows("events")).hasSize(1);
    pipeline.run("fold"); // without a new record
    assertThat(pipeline.<Integer>ask(lake -> lake.users().metadata().gaps().size())).isOne();
  }

  @Test
  void shouldNoticeRowsThatSomebodyElseRemoved() throws Exception {
    Pipeline pipeline = Pipeline.in(folder);
    pipeline.sendRaw(0, null, new byte[] {1});
    pipeline.run("archive");
    pipeline.ask(
        lake -> {
          lake.events().delta().delete();
          return null;
        });
    assertThatThrownBy(() -> pipeline.run("archive"))
        .hasMessageContaining("somebody else wrote to it");
  }

  @Test
  void shouldSayWhoHoldsTheLake() throws Exception {
    Pipeline pipeline = Pipeline.in(folder);
    try (LakeLease lease =
        LakeLease.take(pipeline.lake().toString(), new Configuration(), "the-other")) {
      assertThat(lease).isNotNull();
      assertThatThrownBy(() -> pipeline.run("archive"))
          .hasMessageContaining("in use by run the-other")
          .extracting(thrown -> ((PipelineException) thrown).kind())
          .isEqualTo(PipelineException.Kind.UNAVAILABLE);
    }
    assertThat(pipeline.run("archive")).isEqualTo(ExitStatus.DONE);
  }
}
