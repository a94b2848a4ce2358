package io.foldlog.batch.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class AcceptedGapTest {

  @Test
  void shouldKeepUnknownValuesInJson() {
    AcceptedGap ended =
        new AcceptedGap(
            "topic",
            1,
            7,
            OptionalLong.of(9),
            OptionalLong.of(1_704_067_200_000L),
            AcceptedGap.Kind.RETENTION,
            "run");
    AcceptedGap open =
        new AcceptedGap(
            "topic",
            0,
            7,
            OptionalLong.empty(),
            OptionalLong.empty(),
            AcceptedGap.Kind.NEW_TOPIC,
            "run");
    CommitMetadata metadata =
        CommitMetadata.undecoded("run", "topic", LakeOffsets.NONE, 1, List.of(ended, open));

    String json = metadata.toJson();

    assertThat(json)
        .contains("\"until\":9", "\"lastArchivedMillis\":1704067200000")
        .contains("\"until\":null", "\"lastArchivedMillis\":null");
    assertThat(CommitMetadata.parse(json)).contains(metadata);
  }

  @Test
  void shouldReadNegativeNumbersOfEarlierReleasesAsUnknown() {
    String stored =
        """
        {"run":"run","topic_id":"topic","offsets":{},"transaction":1,"decode_version":0,
         "gaps":[{"topicId":"topic","partition":0,"from":7,"until":-1,
                  "lastArchivedMillis":-9223372036854775,"kind":"NEW_TOPIC","run":"run"}]}
        """;

    List<AcceptedGap> gaps = CommitMetadata.parse(stored).orElseThrow().gaps();

    assertThat(gaps).hasSize(1);
    assertThat(gaps.get(0).until()).isEmpty();
    assertThat(gaps.get(0).lastArchivedMillis()).isEmpty();
    assertThat(gaps.get(0).endsAt(-1)).isFalse();
  }
}
