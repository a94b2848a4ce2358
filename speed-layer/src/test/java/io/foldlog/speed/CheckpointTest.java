package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import io.foldlog.log.LogId;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PartitionPosition;
import io.foldlog.log.PartitionPosition.LastRecord;
import io.foldlog.log.TopicMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
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
    write("offsets/0", "v1");

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
  void shouldReturnLastStoredPosition() {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    assertThat(checkpoint.position()).isEmpty();
    checkpoint.store(position(7));
    checkpoint.store(position(8));

    assertThat(new Checkpoint(folder).position()).contains(position(8));
  }

  @Test
  void shouldHaveNoPositionInCheckpointOfEarlierRelease() throws IOException {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    write("offsets/7", "v1\n{}\n{\"users\":{\"0\":5,\"1\":6}}");
    write("commits/7", "v1\n{}");
    write("tail.json", "{\"last-records\":{\"0\":{\"offset\":4,\"fingerprint\":1}}}");

    assertThat(checkpoint.position()).isEmpty();
  }

  @Test
  void shouldRejectUnreadablePosition() throws IOException {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    write(Checkpoint.POSITION_FILE, "{");

    assertStateMismatch(checkpoint::position, "position.json cannot be read");
  }

  @Test
  void shouldFailWhenCheckpointWasRemoved() {
    assertStateMismatch(() -> checkpoint.store(position(8)), "was removed while");
    assertThat(folder).doesNotExist();
  }

  @Test
  void shouldLockCheckpointForOneQuery() throws IOException {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    try (CheckpointLock first = checkpoint.lock()) {
      assertThat(first).isNotNull();
      assertIsInUse();
    }
    try (CheckpointLock second = checkpoint.lock()) {
      second.keepUntilExit();
    }

    assertIsInUse();
  }

  private void assertIsInUse() {
    assertThatThrownBy(() -> new Checkpoint(folder).lock())
        .isInstanceOfSatisfying(
            PipelineException.class,
            failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE))
        .hasMessageContaining("Another query uses the checkpoint " + folder);
  }

  @Test
  void shouldRemoveFoldersOfEarlierQueriesOnly() throws IOException {
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
    checkpoint.store(position(8));
    Path earlier = checkpoint.newSparkFolder();
    write(folder.relativize(earlier).resolve("offsets/7").toString(), "v1");
    write("commits/7", "v1");

    assertThat(checkpoint.newSparkFolder()).isNotEqualTo(earlier).doesNotExist();
    assertThat(earlier).doesNotExist();
    assertThat(folder.resolve("commits")).doesNotExist();
    assertThat(checkpoint.position()).contains(position(8));
    checkpoint.bind(TriggerMode.CONTINUOUS, TOPIC, 1);
  }

  private static LogPosition position(long offset) {
    return LogPosition.none(LogId.of("id-1").next())
        .with(0, new PartitionPosition(3, null, null))
        .with(1, new PartitionPosition(offset + 2, 5, new LastRecord(offset, 4711)));
  }
}
