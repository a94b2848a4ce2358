package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.HostileRecords.HostileRecord;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;

/** Decoding a mutated record never throws, and its result does not depend on other records. */
class HostileInputTest {

  private static final long RECORD_MILLIS = 1_704_067_200_000L; // 2024-01-01T00:00:00Z
  private static final int MAX_BYTES = 20_000;

  private static int accepted;
  private static int rejected;

  private final EventDecoder reused = new EventDecoder(EventDecoder.CreateTime.TRUST);

  @Property(tries = 15_000, shrinking = ShrinkingMode.OFF)
  void shouldDecodeAnyMutationWithoutThrowing(@ForAll Random random) {
    HostileRecord record = new HostileRecords(random.nextLong(), 100, MAX_BYTES).next();
    TimestampSource timestampSource = TimestampSource.values()[random.nextInt(2)];
    long timestamp = random.nextInt(50) == 0 ? random.nextLong() : RECORD_MILLIS;
    long offset = random.nextLong() & Long.MAX_VALUE;

    RawRecord raw =
        new RawRecord(
            record.key(), record.value(), record.headers(), timestampSource, timestamp, offset);

    DecodeResult decoded = reused.decode(raw);

    EventDecoder fresh = new EventDecoder(EventDecoder.CreateTime.TRUST);
    assertThat(fresh.decode(raw)).isEqualTo(decoded);
    if (decoded instanceof UserEvent event) {
      accepted++;
      UserState state = new UserState().apply(event);
      assertThat(state.isLive()).isEqualTo(!event.isDeletion());
      assertThat(
              fresh.decode(
                  new RawRecord(
                      EventEncoder.key(event),
                      EventEncoder.value(event),
                      List.of(),
                      timestampSource,
                      timestamp,
                      offset + 1)))
          .as("the event after it is encoded again")
          .isEqualTo(event);
    } else {
      rejected++;
    }
  }

  @AfterContainer
  static void checkBothOutcomesOccurred() {
    assertThat(accepted).as("accepted mutations").isGreaterThan(5_000);
    assertThat(rejected).as("rejected mutations").isGreaterThan(5_000);
  }
}
