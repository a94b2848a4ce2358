package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.TimestampSource;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PartitionPosition;
import io.foldlog.log.TopicMetadata;
import io.foldlog.view.LayerPositions.Published;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StartPositionTest {

  private static final TopicMetadata TOPIC =
      new TopicMetadata("users", "id", 2, TimestampSource.LOG_APPEND_TIME, 1 << 20);
  private static final EndOffsets END =
      new EndOffsets(offsets(50, 100), offsets(100, 100), new TreeMap<>());

  private static LogOffsets offsets(long zero, long one) {
    return new LogOffsets(LogId.of("id"), new TreeMap<>(Map.of(0, zero, 1, one)));
  }

  private static Published published(String logId, int partition, long nextOffset) {
    return new Published(logId, partition, nextOffset, 2, Instant.EPOCH);
  }

  private static String logId(Published... published) {
    return StartPosition.logId("id", List.of(published), END).toString();
  }

  @Test
  void shouldStartAtPositionButNotPastLastStableOffset() {
    StartPosition start =
        new StartPosition(
            TOPIC,
            LogPosition.none(LogId.of("id"))
                .with(0, new PartitionPosition(60, null, null))
                .with(1, new PartitionPosition(7, null, null)),
            END);

    assertThat(start.startingOffsets(start.position().offsets())).isEqualTo(Map.of(0, 50L, 1, 7L));
  }

  @Test
  void shouldHaveTopicIdAsLogIdOfFirstCheckpoint() {
    assertThat(logId()).isEqualTo("id");
    assertThat(logId(published("other", 0, 1_000))).isEqualTo("id");
  }

  @Test
  void shouldKeepLatestLogIdWhileTopicHoldsPublishedOffsets() {
    assertThat(logId(published("id", 0, 100), published("id", 1, 90))).isEqualTo("id");
    assertThat(logId(published("id", 0, 900), published("id#1", 0, 100))).isEqualTo("id#1");
  }

  @Test
  void shouldHaveNextLogIdWhenTopicEndsBeforePublishedOffset() {
    assertThat(logId(published("id", 0, 90), published("id", 1, 101))).isEqualTo("id#1");
    assertThat(logId(published("id", 0, 900), published("id#1", 0, 101))).isEqualTo("id#2");
  }
}
