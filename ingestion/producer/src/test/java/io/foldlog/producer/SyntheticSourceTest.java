package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventType;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.OutgoingEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SyntheticSourceTest {

  private static final Instant AS_OF = Instant.parse("2026-01-31T00:00:00Z");
  private static final EventWeights WEIGHTS = new EventWeights(70, 25, 5);

  @Test
  void shouldGenerateTheSameBytesForTheSameSeedAndAsOfInstant() {
    assertThat(values("seed", WEIGHTS, 2000)).isEqualTo(values("seed", WEIGHTS, 2000));
    assertThat(values("seed", WEIGHTS, 50)).isNotEqualTo(values("other", WEIGHTS, 50));
  }

  @Test
  void shouldGenerateValidEventsInTheGivenProportions() {
    Map<EventType, Integer> counts = new EnumMap<>(EventType.class);
    Set<UUID> live = new HashSet<>();
    long last = 0;
    for (UserEvent event : decoded("seed", WEIGHTS, 10_000)) {
      counts.merge(event.type(), 1, Integer::sum);
      assertThat(event.timeMicros()).isGreaterThan(last);
      last = event.timeMicros();
      switch (event.type()) {
        case REGISTERED -> assertThat(live.add(event.userId())).isTrue();
        case UPDATED -> assertThat(live).contains(event.userId());
        case DELETED -> assertThat(live.remove(event.userId())).isTrue();
      }
    }
    assertThat(last).isEqualTo(AS_OF.toEpochMilli() * 1000 + 9_999);
    assertThat(counts.get(EventType.REGISTERED)).isBetween(6_800, 7_200);
    assertThat(counts.get(EventType.UPDATED)).isBetween(2_350, 2_650);
    assertThat(counts.get(EventType.DELETED)).isBetween(400, 600);
  }

  @Test
  void shouldFillEveryFieldOfARegistration() {
    assertThat(decoded("seed", new EventWeights(1, 0, 0), 200))
        .allSatisfy(
            event ->
                assertThat(UserField.data())
                    .allSatisfy(field -> assertThat(event.isSet(field)).as(field.name()).isTrue()));
  }

  @Test
  void shouldContinueWhenMoreUsersAreDeletedThanRegistered() {
    assertThat(decoded("seed", new EventWeights(1, 1, 8), 1000)).hasSize(1000);
  }

  @Test
  void shouldLimitTheNumberOfLiveUsers() {
    LiveUsers users = new LiveUsers(2000);
    for (long user = 0; user < 5000; user++) {
      users.add(user, user * 31);
    }
    Set<Long> removed = new HashSet<>();
    while (!users.isEmpty()) {
      assertThat(removed.add(users.remove(7))).isTrue();
    }
    assertThat(removed).hasSize(2000);
  }

  private static List<String> values(String seed, EventWeights weights, int count) {
    return take(seed, weights, count).stream()
        .map(event -> new String(event.value(), StandardCharsets.UTF_8))
        .toList();
  }

  private static List<UserEvent> decoded(String seed, EventWeights weights, int count) {
    EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
    return take(seed, weights, count).stream()
        .map(
            event ->
                (UserEvent)
                    decoder.decode(
                        TestEvents.rawRecord(event.key(), event.value(), AS_OF.toEpochMilli())))
        .toList();
  }

  private static List<OutgoingEvent> take(String seed, EventWeights weights, int count) {
    SyntheticSource source = new SyntheticSource(new Seed(seed), weights, EventTimes.asOf(AS_OF));
    List<OutgoingEvent> events = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      events.add(source.next().orElseThrow());
    }
    return events;
  }
}
