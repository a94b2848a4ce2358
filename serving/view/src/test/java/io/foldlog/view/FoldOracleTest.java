package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FoldOracleTest {

  private static final UUID USER = TestEvents.user(1);
  private static final byte[] ADA = {'A', 'd', 'a'};

  private final UserState state = new UserState().set(UserField.FIRST_NAME, ADA, 10);

  @Test
  void shouldReportNoDifferenceForARowThatEqualsTheFold() {
    assertThat(FoldOracle.VALUES_AND_WRITETIMES.differences(state, row(ADA, 10, 0))).isEmpty();
    assertThat(FoldOracle.VALUES_AND_WRITETIMES.differences(new UserState(), Optional.empty()))
        .isEmpty();
  }

  @Test
  void shouldReportACellWithAnotherValue() {
    assertThat(FoldOracle.VALUES.differences(state, row(new byte[] {'B'}, 10, 0)))
        .containsExactly("first_name: the fold has 0x416461 at 10 µs, the view has 0x42 at 10 µs");
  }

  @Test
  void shouldCompareWritetimesOnlyOnRequest() {
    assertThat(FoldOracle.VALUES.isEqual(state, row(ADA, 11, 0))).isTrue();
    assertThat(FoldOracle.VALUES_AND_WRITETIMES.differences(state, row(ADA, 11, 0)))
        .containsExactly(
            "first_name: the fold has 0x416461 at 10 µs, the view has 0x416461 at 11 µs");
  }

  @Test
  void shouldReportACellThatOnlyOneSideHas() {
    UserState more = state.copy().set(UserField.CITY, new byte[] {'c'}, 10);
    assertThat(FoldOracle.VALUES.differences(more, row(ADA, 10, 0)))
        .containsExactly("city: the fold has 0x63 at 10 µs, the view has no value");
    UserState cleared = state.copy().written(10).clear(UserField.FIRST_NAME, 10);
    assertThat(FoldOracle.VALUES.differences(cleared, row(ADA, 10, 0)))
        .containsExactly("first_name: the fold has no value, the view has 0x416461 at 10 µs");
  }

  @Test
  void shouldReportACellWithATimeToLive() {
    assertThat(FoldOracle.VALUES.differences(state, row(ADA, 10, 60)))
        .containsExactly("first_name: the cell expires in 60 s");
  }

  @Test
  void shouldReportARowThatOnlyOneSideHas() {
    assertThat(FoldOracle.VALUES.differences(state, Optional.empty()))
        .containsExactly("the fold has a row, the view has none");
    assertThat(FoldOracle.VALUES.differences(new UserState(), row(ADA, 10, 0)))
        .containsExactly("the fold has no row, the view has one");
  }

  @Test
  void shouldReportTheUsersOfAllRowsThatDiffer() {
    UUID other = TestEvents.user(2);
    assertThat(
            FoldOracle.VALUES.differences(
                Map.of(USER, state), Map.of(USER, row(ADA, 10, 0).orElseThrow())))
        .isEmpty();
    assertThat(
            FoldOracle.VALUES.differences(
                Map.of(USER, state), Map.of(other, ViewRow.of(other).build())))
        .containsExactly(
            USER + ": the fold has a row, the view has none",
            other + ": the fold has no row, the view has one");
  }

  @Test
  void shouldReturnTheRowThatEqualsAFold() {
    assertThat(FoldOracle.VALUES_AND_WRITETIMES.differences(state, FoldOracle.row(USER, state)))
        .isEmpty();
    assertThat(FoldOracle.row(USER, new UserState())).isEmpty();
  }

  private static Optional<ViewRow> row(byte[] value, long writetime, int timeToLive) {
    return Optional.of(
        ViewRow.of(USER).cell(UserField.FIRST_NAME, value, writetime, timeToLive).build());
  }
}
