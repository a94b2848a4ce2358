package io.foldlog.testing.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.admin.AdminApplication;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.TimestampKind;
import io.foldlog.contract.UserField;
import io.foldlog.log.Log;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.Stage;
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

/** What was rejected comes back after a fix, once and for all, judged by the verifier. */
class DeadLetterStoriesIT {

  private static final int USERS = 40;

  @TempDir private Path folder;

  @Test
  void shouldBringBackWhatAnUntrustedClockKeptOutAndChangeNothingTheSecondTime() throws Exception {
    Pipeline pipeline = Pipeline.in(folder, "replayed");
    Stage stage = pipeline.stage();
    keepProducersTimestamps(stage);
    int records = recordHistory(stage);
    try (RunningSpeedLayer layer = pipeline.startSpeedLayer()) {
      pipeline.awaitDrainedBy(layer);
    }
    assertThat(pipeline.batch("nightly")).isEqualTo(ExitStatus.DONE);
    assertThat(stage.deadLetters())
        .hasSize(records)
        .allMatch(letter -> letter.rejection().code() == Rejection.Code.CLOCK_UNTRUSTED);

    Files.writeString(
        pipeline.settings(), "kafka.trust-create-time = true\n", StandardOpenOption.APPEND);
    try (RunningSpeedLayer layer = pipeline.startSpeedLayer()) {
      for (int times = 1; times <= 2; times++) {
        assertThat(pipeline.run(new AdminApplication(), "dead-letters", "replay"))
            .isEqualTo(ExitStatus.DONE);
        assertThat(stage.endOffsets().sum()).isEqualTo((long) records * (1 + times));
        pipeline.awaitDrainedBy(layer);
        pipeline.assertThatTheViewEqualsTheFoldOfTheLog();
      }
    }
    assertThat(stage.deadLetters()).as("replaying makes no letters").hasSize(records);

    assertThat(pipeline.batch("nightly")).isEqualTo(ExitStatus.DONE);
    assertThatNothingWasFound(pipeline);
    assertThat(pipeline.batch("fold", "--full")).isEqualTo(ExitStatus.DONE);
    assertThat(pipeline.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.DONE);
    assertThatNothingWasFound(pipeline);
    pipeline.assertThatTheViewEqualsTheFoldOfTheLog();
  }

  private static void assertThatNothingWasFound(Pipeline pipeline) throws Exception {
    JsonNode report = pipeline.newestReport().path("reconcile");
    assertThat(report.path("outcome").asText()).as(report.toPrettyString()).isEqualTo("CLEAN");
  }

  /** Flat events, then updates and deletions that are older or newer; how many. */
  private static int recordHistory(Stage stage) throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int number = 0; number < USERS; number++) {
      UUID user = TestEvents.user(number);
      String flat = "{\"id\":\"%s\",\"first_name\":\"Zoë\",\"post_code\":174}".formatted(user);
      long now = TestEvents.now();
      records.add(new ProducerRecord<>(stage.topic(), null, flat.getBytes(StandardCharsets.UTF_8)));
      records.add(
          stage.record(
              TestEvents.updated(user, TestEvents.NOON).set(UserField.CITY, "older").build()));
      records.add(
          stage.record(TestEvents.updated(user, now).set(UserField.FIRST_NAME, "newer").build()));
      if (number % 4 == 0) {
        records.add(stage.record(TestEvents.deleted(user, now + 1)));
      }
    }
    try (org.apache.kafka.clients.producer.Producer<byte[], byte[]> producer = stage.producer()) {
      records.forEach(producer::send);
    }
    return records.size();
  }

  /** Makes it a topic as they were before the brokers' clock counted. */
  private static void keepProducersTimestamps(Stage stage) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, stage.topic());
    ConfigEntry entry = new ConfigEntry("message.timestamp.type", "CreateTime");
    try (Admin admin = stage.connection().admin();
        Log log = stage.log()) {
      admin
          .incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(entry, OpType.SET))))
          .all()
          .get();
      await()
          .atMost(Pipeline.LIMIT)
          .until(() -> log.identity().timestampKind() == TimestampKind.CREATE_TIME);
    }
  }
}
