package io.foldlog.batch.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.view.DecodeVersions.Written;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OlderWritersTest {

  private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

  private static Written written(int version, Instant at) {
    return new Written(version, at);
  }

  @Test
  void shouldFindNoneIfOnlyThisVersionHasWritten() {
    assertThat(OlderWriters.since(List.of(), 2, Optional.empty())).isEmpty();
    assertThat(OlderWriters.since(List.of(written(2, NOON)), 2, Optional.empty())).isEmpty();
  }

  @Test
  void shouldFindLowerVersionUntilFullReconcileBeganAfterItsLastWrite() {
    List<Written> versions = List.of(written(2, NOON.plusSeconds(900)), written(1, NOON));

    assertThat(OlderWriters.since(versions, 2, Optional.empty())).contains(written(1, NOON));
    assertThat(OlderWriters.since(versions, 2, Optional.of(NOON.minusSeconds(1))))
        .contains(written(1, NOON));
    assertThat(OlderWriters.since(versions, 2, Optional.of(NOON.plus(OlderWriters.TOLERANCE))))
        .as("within the tolerance")
        .contains(written(1, NOON));
    assertThat(
            OlderWriters.since(
                versions, 2, Optional.of(NOON.plus(OlderWriters.TOLERANCE).plusMillis(1))))
        .isEmpty();
  }

  @Test
  void shouldFindTheLowerVersionThatWroteLast() {
    Written last = written(1, NOON.plusSeconds(60));

    assertThat(OlderWriters.since(List.of(written(2, NOON), last), 3, Optional.of(NOON)))
        .contains(last);
  }
}
