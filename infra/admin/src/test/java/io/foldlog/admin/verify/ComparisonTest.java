package io.foldlog.admin.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.admin.verify.Comparison.Criteria;
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
  void shouldReportNoDifferenceForEqualCells() {
    assertThat(differences(row(ADA, 10, 0), Criteria.VALUES_AND_WRITETIMES)).isEmpty();
  }

  @Test
  void shouldReportAMissingRow() {
    assertThat(kinds(Optional.empty(), Criteria.VALUES)).containsExactly(Kind.ROW_MISSING);
  }

  @Test
  void shouldReportARowOfAUserWithoutEvents() {
    assertThat(
            Comparison.differences(
                USER, new UserState(), row(ADA, 10, 0), Criteria.VALUES_AND_WRITETIMES))
        .singleElement()
        .hasToString("user " + USER + ": ROW_UNEXPECTED row (no event names it)");
  }

  @Test
  void shouldReportARowOfADeletedUser() {
    state.delete(20);

    assertThat(kinds(row(ADA, 10, 0), Criteria.VALUES)).containsExactly(Kind.ROW_UNEXPECTED);
    assertThat(kinds(Optional.empty(), Criteria.VALUES)).isEmpty();
  }

  @Test
  void shouldReportADifferentValue() {
    assertThat(differences(row(BOB, 11, 0), Criteria.VALUES))
        .singleElement()
        .hasToString("user " + USER + ": VALUE first_name (expected at 10, found at 11)");
  }

  @Test
  void shouldReportAMissingValue() {
    assertThat(kinds(Optional.of(ViewRow.of(USER).build()), Criteria.VALUES))
        .containsExactly(Kind.CELL_MISSING);
  }

  @Test
  void shouldReportAValueThatAnEventCleared() {
    ViewRow row =
        ViewRow.of(USER)
            .cell(UserField.FIRST_NAME, ADA, 10, 0)
            .cell(UserField.CITY, BOB, 9, 0)
            .build();

    assertThat(kinds(Optional.of(row), Criteria.VALUES)).containsExactly(Kind.CELL_UNEXPECTED);
  }

  @Test
  void shouldAcceptALaterWritetimeOnlyWhenComparingValues() {
    assertThat(kinds(row(ADA, 11, 0), Criteria.VALUES_AND_WRITETIMES))
        .containsExactly(Kind.WRITETIME);
    assertThat(kinds(row(ADA, 11, 0), Criteria.VALUES)).isEmpty();
    assertThat(kinds(row(ADA, 9, 0), Criteria.VALUES)).containsExactly(Kind.WRITETIME);
  }

  @Test
  void shouldReportACellWithATimeToLive() {
    assertThat(kinds(row(ADA, 10, 60), Criteria.VALUES)).containsExactly(Kind.TIME_TO_LIVE);
  }

  private static Optional<ViewRow> row(byte[] name, long time, int timeToLive) {
    return Optional.of(ViewRow.of(USER).cell(UserField.FIRST_NAME, name, time, timeToLive).build());
  }

  private List<Difference> differences(Optional<ViewRow> row, Criteria criteria) {
    return Comparison.differences(USER, state, row, criteria);
  }

  private List<Kind> kinds(Optional<ViewRow> row, Criteria criteria) {
    return differences(row, criteria).stream().map(Difference::kind).toList();
  }
}
