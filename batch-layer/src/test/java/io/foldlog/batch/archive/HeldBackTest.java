package io.foldlog.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.HeldBackRecords.HangingTransaction;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeldBackTest {

  private static final Instant NOW = Instant.parse("2026-01-31T02:00:00Z");

  @Test
  void shouldNameProducerAndCommandOfHangingTransaction() {
    Instant oldest = NOW.minusSeconds(3600);
    HeldBack heldBack =
        HeldBack.of(
            new HeldBackRecords(
                7,
                Optional.of(oldest),
                List.of(new HangingTransaction(1, 40, 4711, "kafka-transactions.sh abort"))),
            NOW);
    assertThat(heldBack.records()).isEqualTo(7);
    assertThat(heldBack.oldest()).contains("2026-01-31T01:00:00Z");
    assertThat(heldBack.message())
        .startsWith("7 records are held back by an open transaction, the oldest for 3600 s.")
        .contains("4711")
        .endsWith("kafka-transactions.sh abort");
  }

  @Test
  void shouldHaveNoMessageWhenNothingIsHeldBack() {
    assertThat(HeldBack.of(HeldBackRecords.NONE, NOW))
        .isEqualTo(new HeldBack(0, Optional.empty(), ""));
  }
}
