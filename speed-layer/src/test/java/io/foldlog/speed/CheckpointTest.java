package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.TopicMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

  private static final TopicMetadata TOPIC = metadata("users", "id-1");

  @TempDir private Path parent;
  private Path folder;
  private Checkpoint checkpoint;

  @BeforeEach
  void setUp() {
    folder = parent.resolve("checkpoint");
    checkpoint = new Checkpoint(folder);
  }

  private static TopicMetadata metadata(String topic, String id) {
    return new TopicMetadata(topic, id, 2, TimestampSource.LOG_APPEND_TIME, 1 << 20);
  }

  private static LogOffsets offsets(long zero, long one) {
    return new LogOffsets("id-1", new TreeMap<>(Map.of(0, zero, 1, one)));
  }

  private void write(String kind, int number, long zero, long one) throws IOException {
    Path file = Files.createDirectories(folder.resolve(kind)).resolve(Integer.toString(number));
    Files.writeString(file, "v1\n{}\n{\"users\":{\"0\":%d,\"1\":%d}}".formatted(zero, one));
  }

  private static void assertStateMismatch(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PipelineException.class,
            failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.STATE_MISMATCH))
        .hasMessageContaining(message)
        .hasMessageContaining("rm -r '");
  }

  @Test
  void shouldBindNewCheckpointAndAcceptItAgain() {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);

    assertThat(folder.resolve(CheckpointBinding.FILE_NAME)).exists();
  }

  @Test
  void shouldAcceptAndStoreOtherDecodeVersion() throws IOException {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 2);

    assertThat(CheckpointBinding.read(folder))
        .hasValueSatisfying(bound -> assertThat(bound.decodeVersion()).isEqualTo(2));
  }

  @Test
  void shouldRejectOtherTriggerTopicOrTopicId() {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);

    assertStateMismatch(
        () -> checkpoint.bind(TriggerMode.MICRO_BATCH, TOPIC, 1),
        "belongs to the trigger continuous");
    assertStateMismatch(
        () -> checkpoint.bind(TriggerMode.CONTINUOUS, metadata("people", "id-1"), 1),
        "belongs to the topic users");
    assertStateMismatch(
        () -> checkpoint.bind(TriggerMode.CONTINUOUS, metadata("users", "id-2"), 1),
        "was deleted and created again");
  }

  @Test
  void shouldRejectFolderWithoutBinding() throws IOException {
    write("offsets", 0, 1, 1);

    assertStateMismatch(
        () -> checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1),
        "not a checkpoint of the speed layer");
  }

  @Test
  void shouldRejectUnreadableBinding() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(CheckpointBinding.FILE_NAME), "{");

    assertStateMismatch(
        () -> checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1),
        "not a checkpoint of the speed layer");
  }

  @Test
  void shouldStartAtZeroWithoutCommit() throws IOException {
    assertThat(checkpoint.committed(offsets(3, 0), offsets(9, 9)).sum()).isZero();
    write("offsets", 0, 2, 3);
    assertThat(checkpoint.committed(offsets(0, 0), offsets(9, 9)).sum()).isZero();
  }

  @Test
  void shouldContinueAtLatestCommit() throws IOException {
    write("offsets", 9, 1, 2);
    write("commits", 9, 0, 0);
    write("offsets", 10, 5, 6);
    write("commits", 10, 0, 0);
    write("offsets", 11, 8, 8);

    assertThat(checkpoint.committed(offsets(0, 0), offsets(9, 9))).isEqualTo(offsets(5, 6));
  }

  @Test
  void shouldFailWhenNextRecordsAreDeleted() throws IOException {
    write("offsets", 0, 5, 6);
    write("commits", 0, 0, 0);

    assertStateMismatch(
        () -> checkpoint.committed(offsets(0, 7), offsets(9, 9)),
        "offsets 6 to 6 of partition 1 are deleted");
  }

  @Test
  void shouldFailWhenLogLostItsEnd() throws IOException {
    write("offsets", 0, 5, 6);
    write("commits", 0, 0, 0);

    assertStateMismatch(
        () -> checkpoint.committed(offsets(0, 0), offsets(9, 4)),
        "offsets 4 to 5 of partition 1 were read and are gone");
  }

  @Test
  void shouldFailWhenLastReadRecordIsMissing() throws IOException {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    checkpoint.store(tail(8));

    try (EventTopic log =
        EventTopic.open(KafkaClients.to("127.0.0.1:1"), "users")) { // receives no request
      assertStateMismatch(
          () -> checkpoint.requireSameTail(checkpoint.tail(), log, offsets(0, 0), offsets(9, 8)),
          "offsets 8 to 8 of partition 1 were read and are gone");
    }
  }

  @Test
  void shouldRejectUnreadableTail() throws IOException {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    Files.writeString(folder.resolve(CheckpointTail.FILE_NAME), "{");

    assertStateMismatch(checkpoint::tail, "tail.json cannot be read");
  }

  @Test
  void shouldReturnLastStoredTail() {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    assertThat(checkpoint.tail()).isEqualTo(CheckpointTail.NONE);
    checkpoint.store(tail(7));
    checkpoint.store(tail(8));

    assertThat(checkpoint.tail()).isEqualTo(tail(8));
  }

  @Test
  void shouldFailWhenCheckpointWasRemoved() {
    assertStateMismatch(() -> checkpoint.store(tail(8)), "was removed while");
    assertThat(folder).doesNotExist();
  }

  private static CheckpointTail tail(long offset) {
    return new CheckpointTail(new TreeMap<>(Map.of(1, new CheckpointTail.Last(offset, 4711))));
  }

  @Test
  void shouldFailWhenOffsetsFileIsMissing() throws IOException {
    write("commits", 3, 0, 0);

    assertStateMismatch(() -> checkpoint.committed(offsets(0, 0), offsets(9, 9)), "is missing");
  }
}
