package io.foldlog.admin.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.admin.verify.Comparison.Promise;
import io.foldlog.admin.verify.Difference.Kind;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.view.ViewRow;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  private static final UUID USER = new UUID(1, 2);
  private static final byte[] ADA = {'A', 'd', 'a'};
  private static final byte[] BOB = {'B', 'o', 'b'};

  private final UserState state =
      new UserState().written(10).set(UserField.FIRST_NAME, ADA, 10).clear(UserField.CITY, 10);

  @Test
  void shouldFindNoDifferenceInEqualCells() {
    assertThat(differences(row(ADA, 10, 0), Promise.VALUES_AND_TIMES)).isEmpty();
  }

  @Test
  void shouldNameARowThatIsMissing() {
    assertThat(kinds(Optional.empty(), Promise.VALUES)).containsExactly(Kind.ROW_MISSING);
  }

  @Test
  void shouldNameARowThatNoEventExplains() {
    assertThat(
            Comparison.differences(
                USER, new UserState(), row(ADA, 10, 0), Promise.VALUES_AND_TIMES))
        .singleElement()
        .hasToString("user " + USER + ": ROW_UNEXPECTED row (no event names it)");
  }

  @Test
  void shouldNameARowThatWasDeleted() {
    state.delete(20);

    assertThat(kinds(row(ADA, 10, 0), Promise.VALUES)).containsExactly(Kind.ROW_UNEXPECTED);
    assertThat(kinds(Optional.empty(), Promise.VALUES)).isEmpty();
  }

  @Test
  void shouldNameAValueThatDiffers() {
    assertThat(differences(row(BOB, 11, 0), Promise.VALUES))
        .singleElement()
        .hasToString("user " + USER + ": VALUE first_name (expected at 10, found at 11)");
  }

  @Test
  void shouldNameAValueThatIsMissing() {
    assertThat(kinds(Optional.of(ViewRow.of(USER).build()), Promise.VALUES))
        .containsExactly(Kind.CELL_MISSING);
  }

  @Test
  void shouldNameAValueThatTheLogCleared() {
    ViewRow row =
        ViewRow.of(USER)
            .cell(UserField.FIRST_NAME, ADA, 10, 0)
            .cell(UserField.CITY, BOB, 9, 0)
            .build();

    assertThat(kinds(Optional.of(row), Promise.VALUES)).containsExactly(Kind.CELL_UNEXPECTED);
  }

  @Test
  void shouldNameATimeThatDiffersUnlessARepairRaisedIt() {
    assertThat(kinds(row(ADA, 11, 0), Promise.VALUES_AND_TIMES)).containsExactly(Kind.WRITETIME);
    assertThat(kinds(row(ADA, 11, 0), Promise.VALUES)).isEmpty();
    assertThat(kinds(row(ADA, 9, 0), Promise.VALUES)).containsExactly(Kind.WRITETIME);
  }

  @Test
  void shouldNameACellThatExpires() {
    assertThat(kinds(row(ADA, 10, 60), Promise.VALUES)).containsExactly(Kind.TIME_TO_LIVE);
  }

  private static Optional<ViewRow> row(byte[] name, long time, int timeToLive) {
    return Optional.of(ViewRow.of(USER).cell(UserField.FIRST_NAME, name, time, timeToLive).build());
  }

  private List<Difference> differences(Optional<ViewRow> row, Promise promise) {
    return Comparison.differences(USER, state, row, promise);
  }

  private List<Kind> kinds(Optional<ViewRow> row, Promise promise) {
    return differences(row, promise).stream().map(Difference::kind).toList();
  }
}
