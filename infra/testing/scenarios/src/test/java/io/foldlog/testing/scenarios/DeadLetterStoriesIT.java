package io.foldlog.testing.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.admin.AdminApplication;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.TimestampSource;
import io.foldlog.contract.UserField;
import io.foldlog.log.EventTopic;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.TestPipeline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays rejected records after a settings change. The verifier checks the view. */
class DeadLetterStoriesIT {

  private static final int USERS = 40;

  @TempDir private Path folder;

  @Test
  void shouldWriteReplayedRecordsAndChangeNothingOnSecondReplay() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "replayed");
    TestPipeline pipeline = environment.pipeline();
    useCreateTime(pipeline);
    int records = recordHistory(pipeline);
    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      environment.awaitDrainedBy(layer);
    }
    assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(pipeline.deadLetters())
        .hasSize(records)
        .allMatch(deadLetter -> deadLetter.rejection().code() == Rejection.Code.CLOCK_UNTRUSTED);

    Files.writeString(
        environment.settings(), "kafka.trust-create-time = true\n", StandardOpenOption.APPEND);
    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      for (int replay = 1; replay <= 2; replay++) {
        assertThat(environment.run(new AdminApplication(), "dead-letters", "replay"))
            .isEqualTo(ExitStatus.SUCCESS);
        assertThat(pipeline.endOffsets().sum()).isEqualTo((long) records * (1 + replay));
        environment.awaitDrainedBy(layer);
        environment.assertThatViewEqualsFoldOfLog();
      }
    }
    assertThat(pipeline.deadLetters()).as("a replay produces no dead letters").hasSize(records);

    assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileFoundNoDrift(environment);
    assertThat(environment.batch("fold", "--full")).isEqualTo(ExitStatus.SUCCESS);
    assertThat(environment.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    assertThatReconcileFoundNoDrift(environment);
    environment.assertThatViewEqualsFoldOfLog();
  }

  private static void assertThatReconcileFoundNoDrift(TestEnvironment environment)
      throws Exception {
    JsonNode report = environment.newestReport().path("reconcile");
    assertThat(report.path("outcome").asText()).as(report.toPrettyString()).isEqualTo("CLEAN");
  }

  /** Records flat events, and older and newer updates and deletions. Returns their number. */
  private static int recordHistory(TestPipeline pipeline) throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int number = 0; number < USERS; number++) {
      UUID user = TestEvents.user(number);
      String flat = "{\"id\":\"%s\",\"first_name\":\"Zoë\",\"post_code\":174}".formatted(user);
      long now = TestEvents.now();
      records.add(
          new ProducerRecord<>(pipeline.topic(), null, flat.getBytes(StandardCharsets.UTF_8)));
      records.add(
          pipeline.record(
              TestEvents.updated(user, TestEvents.NOON).set(UserField.CITY, "older").build()));
      records.add(
          pipeline.record(
              TestEvents.updated(user, now).set(UserField.FIRST_NAME, "newer").build()));
      if (number % 4 == 0) {
        records.add(pipeline.record(TestEvents.deleted(user, now + 1)));
      }
    }
    try (org.apache.kafka.clients.producer.Producer<byte[], byte[]> producer =
        pipeline.producer()) {
      records.forEach(producer::send);
    }
    return records.size();
  }

  /** Sets the topic's timestamp type to CreateTime. */
  private static void useCreateTime(TestPipeline pipeline) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, pipeline.topic());
    ConfigEntry entry = new ConfigEntry("message.timestamp.type", "CreateTime");
    try (Admin admin = pipeline.clients().admin();
        EventTopic log = pipeline.log()) {
      admin
          .incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(entry, OpType.SET))))
          .all()
          .get();
      await()
          .atMost(TestEnvironment.TIMEOUT)
          .until(() -> log.metadata().timestampSource() == TimestampSource.CREATE_TIME);
    }
  }
}
