package io.foldlog.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Generates random events of one user. Few times and few values make ties and duplicates common.
 */
final class Histories {

  private static final UUID USER = TestEvents.user(0);

  private static final List<UserField> SOME_FIELDS =
      List.of(UserField.FIRST_NAME, UserField.EMAIL, UserField.DOB, UserField.LATITUDE);
  private static final List<String> TEXTS = List.of("a", "b", "B", "ab", "é", "\uD83D\uDE00", "~");
  private static final List<String> TIMES =
      List.of("1969-12-31T23:59:59Z", "1992-02-07T17:56:13.316Z", "2001-01-01T00:00:00+02:00");
  private static final List<String> DEGREES = List.of("-34.9050", "0", "-0.0", "17.5");

  private Histories() {}

  static Arbitrary<UserEvent> events() {
    Arbitrary<EventType> types =
        Arbitraries.frequency(
            Tuple.of(3, EventType.REGISTERED),
            Tuple.of(5, EventType.UPDATED),
            Tuple.of(2, EventType.DELETED));
    Arbitrary<Long> times =
        Arbitraries.longs().between(1, 6).map(step -> 1_700_000_000_000_000L + step);
    Arbitrary<List<Integer>> choices = Arbitraries.integers().between(0, 20).list().ofSize(4);
    return Combinators.combine(types, times, choices).as(Histories::event);
  }

  static Arbitrary<List<UserEvent>> histories() {
    return events().list().ofMinSize(0).ofMaxSize(14);
  }

  /** Each choice leaves its field absent, clears it, or sets it to one of few values. */
  private static UserEvent event(EventType type, long time, List<Integer> choices) {
    TestEvents.Builder builder = TestEvents.of(type, USER, time);
    if (type != EventType.DELETED) {
      for (int index = 0; index < SOME_FIELDS.size(); index++) {
        put(builder, SOME_FIELDS.get(index), choices.get(index));
      }
    }
    return builder.build();
  }

  private static void put(TestEvents.Builder builder, UserField field, int choice) {
    if (choice < 5) {
      return;
    }
    if (choice < 9) {
      builder.cleared(field);
      return;
    }
    List<String> values =
        switch (field.type()) {
          case TEXT -> TEXTS;
          case TIMESTAMP -> TIMES;
          case DOUBLE -> DEGREES;
          case BIGINT -> throw new IllegalStateException("No event sets " + field);
        };
    builder.set(field, values.get(choice % values.size()));
  }

  static UserState fold(List<UserEvent> events) {
    UserState state = new UserState();
    events.forEach(state::apply);
    return state;
  }

  static List<UserEvent> concatenation(List<UserEvent> left, List<UserEvent> right) {
    List<UserEvent> both = new ArrayList<>(left);
    both.addAll(right);
    return both;
  }
}
