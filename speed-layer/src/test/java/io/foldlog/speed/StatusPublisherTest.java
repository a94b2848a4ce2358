package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.TimestampSource;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.HeldBackRecords.HangingTransaction;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
import io.foldlog.speed.meters.DriverMeters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusPublisherTest {

  private static final TopicMetadata TOPIC =
      new TopicMetadata("users", "id", 2, TimestampSource.LOG_APPEND_TIME, 1 << 20);

  @TempDir private Path folder;
  private Path file;
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");
  private final AtomicReference<QueryProgress> progress =
      new AtomicReference<>(progress(OptionalLong.empty(), 0));
  private HeldBackRecords heldBack = HeldBackRecords.NONE;
  private StatusPublisher publisher;

  private static LogOffsets offsets(long zero, long one) {
    return new LogOffsets(LogId.of("id"), new TreeMap<>(Map.of(0, zero, 1, one)));
  }

  private static QueryProgress progress(OptionalLong epoch, long offset) {
    return new QueryProgress(
        epoch,
        offsets(offset, 0),
        new EndOffsets(offsets(9, 1), offsets(12, 1), new TreeMap<>()),
        offset,
        offset,
        0);
  }

  @BeforeEach
  void setUp() {
    file = folder.resolve("state").resolve("status.json");
    publisher =
        new StatusPublisher(
            file,
            TriggerMode.CONTINUOUS,
            TOPIC,
            progress::get,
            () -> heldBack,
            new DriverMeters()::snapshot,
            () -> now);
  }

  private JsonNode published() throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void shouldPublishStateTimestampsAndProgress() throws IOException {
    now = now.plusSeconds(7);
    progress.set(progress(OptionalLong.of(12), 4));
    publisher.publish(StatusPublisher.State.RUNNING);

    JsonNode status = published();
    assertThat(status.path("state").asText()).isEqualTo("running");
    assertThat(status.path("started").asText()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(status.path("updated").asText()).isEqualTo("2026-01-02T03:04:12Z");
    assertThat(status.path("epoch").asLong()).isEqualTo(12);
    assertThat(status.path("lag").asLong()).isEqualTo(6);
    assertThat(status.path("offsets").path("0").asLong()).isEqualTo(4);
    assertThat(status.path("end-offsets").path("0").asLong()).isEqualTo(9);
    assertThat(status.path("log-id").asText()).isEqualTo("id");
  }

  @Test
  void shouldPublishHeldBackRecords() throws IOException {
    publisher.publish(StatusPublisher.State.RUNNING);
    assertThat(published().path("held-back").path("records").asLong()).isZero();
    assertThat(published().path("held-back").path("oldest").isNull()).isTrue();

    heldBack = new HeldBackRecords(3, Optional.of(now.minusSeconds(90)), List.of());
    publisher.publish(StatusPublisher.State.RUNNING);
    assertThat(published().path("held-back").path("records").asLong()).isEqualTo(3);
    assertThat(published().path("held-back").path("oldest").asText())
        .isEqualTo("2026-01-02T03:02:35Z");
    assertThat(published().path("held-back").path("age-s").asLong()).isEqualTo(90);
    assertThat(published().path("held-back").has("message")).isFalse();

    heldBack =
        new HeldBackRecords(
            3, heldBack.oldest(), List.of(new HangingTransaction(0, 9, 4711, "the command")));
    publisher.publish(StatusPublisher.State.RUNNING);
    assertThat(published().path("held-back").path("message").asText())
        .contains("producer with id 4711", "the command");
  }

  @Test
  void shouldPublishNullEpochBeforeFirstCommit() throws IOException {
    publisher.publish(StatusPublisher.State.RUNNING);

    assertThat(published().path("epoch").isNull()).isTrue();
  }

  @Test
  void shouldReplaceStatusFile() throws IOException {
    publisher.publish(StatusPublisher.State.RUNNING);
    publisher.publish(StatusPublisher.State.FAILED);

    assertThat(published().path("state").asText()).isEqualTo("failed");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void shouldNotThrowWhenFileCannotBeWritten() throws IOException {
    Files.writeString(folder.resolve("state"), "a file in place of the folder");

    publisher.publish(StatusPublisher.State.RUNNING);

    assertThat(Files.exists(file)).isFalse();
  }
}
