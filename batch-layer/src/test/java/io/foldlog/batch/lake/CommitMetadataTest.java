package io.foldlog.batch.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.log.LogId;
import io.foldlog.log.LogPosition;
import io.foldlog.log.PartitionPosition;
import io.foldlog.log.PartitionPosition.LastRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitMetadataTest {

  private static final LogId LOG = LogId.of("topic");

  @Test
  void shouldKeepPositionsInJson() {
    LogPosition position =
        LogPosition.none(LOG.next())
            .with(0, new PartitionPosition(7, 3, new LastRecord(5, 42)))
            .with(1, new PartitionPosition(0, null, null));
    CommitMetadata metadata = CommitMetadata.NONE.archived("run", position, List.of(), 9);

    String json = metadata.toJson();

    assertThat(json)
        .contains(
            "\"topic_id\":\"topic#1\"",
            "{\"log_id\":\"topic#1\",\"partitions\":{\"0\":{\"next_offset\":7,\"leader_epoch\":3,\"last_record\":{\"offset\":5,\"fingerprint\":42}},\"1\":{\"next_offset\":0}}}");
    assertThat(CommitMetadata.parse(json)).contains(metadata);
    assertThat(metadata.position(LOG.next())).contains(position);
    assertThat(metadata.position(LOG)).isEmpty();
    assertThat(metadata.offsets().offset("topic#1", 0)).isEqualTo(7);
  }

  @Test
  void shouldReadMetadataOfEarlierReleases() {
    CommitMetadata metadata =
        CommitMetadata.parse(
                """
                {"run":"run","topic_id":"topic","offsets":{"topic":{"0":7}},"transaction":1,
                 "decode_version":0,"create_time":"REJECT","gaps":[]}
                """)
            .orElseThrow();

    assertThat(metadata.position(LOG)).isEmpty();
    assertThat(metadata.records()).isNull();
    assertThat(metadata.hasSameRecordsAs(CommitMetadata.NONE)).isTrue();
    assertThat(
            metadata.hasSameRecordsAs(
                metadata.archived("run", LogPosition.none(LOG), List.of(), 7)))
        .isFalse();
  }
}
