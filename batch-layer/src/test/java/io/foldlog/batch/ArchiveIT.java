package io.foldlog.batch;

import static io.foldlog.batch.Events.TIME;
import static io.foldlog.batch.Events.registered;
import static io.foldlog.batch.Events.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.foldlog.application.ExitStatus;
import io.foldlog.batch.lake.LakeLease;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.Log;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
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
  void shouldRefuseAGapUntilItIsAccepted() throws Exception {
    Pipeline pipeline = Pipeline.in(folder);
    for (int number = 0; number < 4; number++) {
      pipeline.sendRaw(0, null, new byte[] {(byte) number});
    }
    pipeline.run("archive");
    for (int number = 0; number < 4; number++) {
      pipeline.sendRaw(0, null, new byte[] {(byte) number});
    }
    deleteRecords(pipeline, 6);
    assertThatThrownBy(() -> pipeline.run("archive"))
        .hasMessageContaining("no longer holds the records 4 to 5 of partition 0")
        .hasMessageContaining("archive --accept-gap")
        .extracting(thrown -> ((PipelineException) thrown).kind())
        .isEqualTo(PipelineException.Kind.RECORD_CHANGED);
    assertThat(pipeline.rows("events")).hasSize(4);
    assertThat(pipeline.report()).contains("\"status\" : 3");
    pipeline.run("archive", "--accept-gap");
    assertThat(pipeline.rows("events")).hasSize(6);
    pipeline.run("archive");
    assertThat(pipeline.<Integer>ask(lake -> lake.events().metadata().gaps().size())).isOne();
  }

  @Test
  void shouldRefuseARecreatedTopicUntilItIsAccepted() throws Exception {
    Pipeline pipeline = Pipeline.in(folder);
    pipeline.send(registered(user(1), TIME, "A"));
    pipeline.run("archive");
    pipeline.deleteTopic();
    await().ignoreExceptions().untilAsserted(pipeline::createTopic);
    pipeline.send(registered(user(2), TIME, "B"));
    assertThatThrownBy(() -> pipeline.run("archive"))
        .hasMessageContaining("deleted and created again")
        .hasMessageContaining("archive --accept-new-topic");
    assertThat(pipeline.rows("events")).hasSize(1);
    pipeline.run("archive", "--accept-new-topic");
    assertThat(pipeline.rows("events")).hasSize(2);
    pipeline.run("archive");
    assertThat(pipeline.rows("events")).hasSize(2);
  }

  @Test
  void shouldNoticeARecordThatIsNotTheArchivedOne() throws Exception {
    Pipeline pipeline = Pipeline.in(folder);
    pipeline.sendRaw(0, null, new byte[] {1});
    pipeline.run("archive");
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
    try (LakeLease lease = LakeLease.take(pipeline.lake(), "the-other")) {
      assertThat(lease).isNotNull();
      assertThatThrownBy(() -> pipeline.run("archive"))
          .hasMessageContaining("in use by run the-other")
          .extracting(thrown -> ((PipelineException) thrown).kind())
          .isEqualTo(PipelineException.Kind.UNAVAILABLE);
    }
    assertThat(pipeline.run("archive")).isEqualTo(ExitStatus.DONE);
  }

  private static void deleteRecords(Pipeline pipeline, long before) throws Exception {
    TopicPartition partition = new TopicPartition(pipeline.topic(), 0);
    try (Admin admin = Pipeline.connection().admin();
        Log log = Log.open(Pipeline.connection(), pipeline.topic())) {
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before))).all().get();
      await().until(() -> log.beginningOffsets().offset(0) == before);
    }
  }
}
