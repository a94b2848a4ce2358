package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.OutgoingEvent;
import io.foldlog.producer.RandomUserServer.Response;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.StopSignal;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RandomUserSourceTest {

  private static final Instant AS_OF = Instant.parse("2026-01-31T00:00:00Z");

  private final RandomUserServer server = new RandomUserServer(0);
  private final StopSignal stop = new StopSignal();

  @AfterEach
  void closeServer() {
    server.close();
  }

  @Test
  void shouldRecordEachUserAsARegistration() {
    List<UserEvent> events = decoded(take(seeded("seed"), 40));
    assertThat(events).allSatisfy(RandomUserSourceTest::assertComplete);
    assertThat(texts(events, UserField.POST_CODE)).containsOnly("0174", "10115");
    assertThat(texts(events, UserField.FIRST_NAME))
        .containsOnly("\u00c5se", "\u0622\u062f\u0631\u06cc\u0646");
    assertThat(events.stream().filter(event -> event.isAbsent(UserField.COUNTRY)))
        .isNotEmpty()
        .allSatisfy(
            event -> {
              assertThat(text(event, UserField.NATIONALITY)).isEqualTo("LEGO");
              assertThat(text(event, UserField.ADDRESS)).endsWith("Station Road, Bergen, Vestland");
            });
  }

  private static void assertComplete(UserEvent event) {
    assertThat(event.type().wireName()).isEqualTo("user.registered.v1");
    assertThat(text(event, UserField.EMAIL)).startsWith("o'neil-");
    assertThat(text(event, UserField.STREET)).matches("\\d+ Station Road");
    assertThat(text(event, UserField.PICTURE)).isEqualTo("https://example.com/med.jpg");
    assertThat(text(event, UserField.TIMEZONE)).isEqualTo("+9:30");
    assertThat(text(event, UserField.TITLE)).isEqualTo("Ms");
    assertThat(text(event, UserField.CELL)).isEqualTo("(066) D10-6666");
    assertThat(text(event, UserField.USERNAME)).startsWith("user");
    assertThat(ByteBuffer.wrap(event.value(UserField.LONGITUDE)).getDouble()).isEqualTo(-15.9);
    assertThat(Instant.ofEpochMilli(ByteBuffer.wrap(event.value(UserField.DOB)).getLong()))
        .isEqualTo("1992-02-07T17:56:13.316Z");
    if (!event.isAbsent(UserField.COUNTRY)) {
      assertThat(text(event, UserField.ADDRESS))
          .isEqualTo(text(event, UserField.STREET) + ", Bergen, Vestland, Norway");
    }
  }

  @Test
  void shouldNotRecordSecrets() {
    for (OutgoingEvent event : take(seeded("seed"), 20)) {
      String value = new String(event.value(), StandardCharsets.UTF_8);
      assertThat(RandomUserServer.SECRETS).noneMatch(value::contains);
      assertThat(value).doesNotContain("age", "description", "large.jpg");
    }
  }

  @Test
  void shouldGenerateTheSameBytesForTheSameSeedAndAsOfInstant() {
    List<String> first = values(take(seeded("seed"), 20));
    assertThat(values(take(seeded("seed"), 20))).isEqualTo(first);
    assertThat(values(take(seeded("other"), 20))).isNotEqualTo(first);
    assertThat(server.requests().get(1))
        .containsExactlyInAnyOrderEntriesOf(Map.of("results", "10", "page", "2", "seed", "seed"));
  }

  @Test
  void shouldDeriveTheTimesOfASeededRunFromPageAndIndex() {
    List<UserEvent> events = decoded(take(seeded("seed"), 25));
    for (int position = 0; position < events.size(); position++) {
      assertThat(events.get(position).timeMicros())
          .isEqualTo(AS_OF.toEpochMilli() * 1000 + position);
    }
  }

  @Test
  void shouldUseDifferentClockTimesWithoutASeed() {
    RandomUserSource.Choice unseeded =
        new RandomUserSource.Choice.Unseeded(InstantSource.fixed(AS_OF));
    Set<Long> times = new HashSet<>();
    for (UserEvent event : decoded(take(source(settings(), unseeded), 30))) {
      assertThat(times.add(event.timeMicros())).isTrue();
    }
    assertThat(server.requests()).allMatch(query -> query.keySet().equals(Set.of("results")));
  }

  static Stream<Response> transientFaults() {
    return Stream.of(
        RandomUserServer.rateLimitReached(),
        RandomUserServer.oneUser(),
        RandomUserServer.firstPage(),
        RandomUserServer.html(502),
        RandomUserServer.html(503),
        RandomUserServer.html(504),
        RandomUserServer.html(200),
        RandomUserServer.status(502, "text/html", ""),
        RandomUserServer.status(200, "application/json", ""),
        RandomUserServer.status(
            500, "application/json", "{\"error\":\"Uh oh, something has gone wrong.\"}"),
        RandomUserServer.status(
            200, "application/json", "{\"error\":\"Uh oh, something has gone wrong.\"}"),
        RandomUserServer.status(200, "application/json", "{\"results\":[{},{}]}"),
        RandomUserServer.status(200, "application/json", "[]"),
        RandomUserServer.status(200, "application/json", "{\"results\":[1,2]}"),
        RandomUserServer.cutOffBody(),
        RandomUserServer.cutOffJson(),
        RandomUserServer.reset(),
        RandomUserServer.hang(),
        RandomUserServer.hangInBody());
  }

  @ParameterizedTest
  @MethodSource("transientFaults")
  void shouldRetryAfterATransientFault(Response fault) {
    server.then(RandomUserServer.page(), fault, fault);
    // long enough for a page on a busy machine
    RandomUserSettings longTimeout = settings(Duration.ofSeconds(2), Duration.ofMinutes(1));
    List<OutgoingEvent> events = take(source(longTimeout, seededChoice("seed")), 20);
    assertThat(server.requests()).hasSize(4);
    assertThat(events).hasSize(20);
    assertThat(values(events))
        .isEqualTo(values(take(source(longTimeout, seededChoice("seed")), 20)));
  }

  @ParameterizedTest
  @MethodSource("transientFaults")
  void shouldFailAsUnavailableWhenAFaultPersists(Response fault) {
    // long enough for the first page on a busy machine
    RandomUserSettings longTimeout = settings(Duration.ofSeconds(3), Duration.ofMillis(300));
    RandomUserSource source = source(longTimeout, seededChoice("seed"));
    server.then(RandomUserServer.page());
    for (int times = 0; times < 100; times++) {
      server.then(fault);
    }
    for (int number = 0; number < 10; number++) {
      assertThat(source.next()).isPresent();
    }
    assertUnavailable(source, server.url().toString());
  }

  @Test
  void shouldFailAsUnavailableWhenTheConnectionIsRefused() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    RandomUserSettings settings =
        new RandomUserSettings(
            URI.create("http://127.0.0.1:" + closed + "/api/"),
            20_000,
            Duration.ofMillis(300),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMillis(300),
            Duration.ofMillis(300));
    assertUnavailable(source(settings, seededChoice("seed")), "ConnectException");
  }

  private static void assertUnavailable(RandomUserSource source, String part) {
    assertThatThrownBy(source::next)
        .isInstanceOfSatisfying(
            PipelineException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
              assertThat(failure.getMessage())
                  .contains(part, "--source synthetic")
                  .doesNotContain("\n");
            });
  }

  @ParameterizedTest
  @MethodSource("permanentFaults")
  void shouldNotRetryAfterAPermanentFault(Response fault) {
    server.then(fault);
    assertThatThrownBy(seeded("seed")::next)
        .isInstanceOfSatisfying(
            PipelineException.class,
            failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR))
        .hasMessageContaining("producer.randomuser.url");
    assertThat(server.requests()).hasSize(1);
  }

  static Stream<Response> permanentFaults() {
    String info = "\"info\":{\"seed\":\"seed\",\"results\":10,\"page\":1}}";
    return Stream.of(
        RandomUserServer.status(404, "text/plain", "Not Found"),
        RandomUserServer.status(400, "text/plain", "Bad Request"),
        RandomUserServer.status(
            200, "application/json", "{\"results\":[{},{},{},{},{},{},{},{},{},{}]," + info));
  }

  @Test
  void shouldRespectTheRateLimit() {
    RandomUserSettings slow =
        new RandomUserSettings(
            server.url(),
            40,
            Duration.ofSeconds(10),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1));
    RandomUserSource source = source(slow, seededChoice("seed"));
    for (int number = 0; number < 10; number++) {
      assertThat(source.next()).isPresent();
    }
    CompletableFuture.runAsync(
        () -> stop.request(ExitStatus.TERMINATED),
        CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
    assertThat(source.next()).isEmpty();
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void shouldStopImmediatelyWhileTheApiHangs() {
    server.then(RandomUserServer.hang());
    RandomUserSettings longTimeouts =
        new RandomUserSettings(
            server.url(),
            20_000,
            Duration.ofMinutes(5),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5));
    RandomUserSource source = source(longTimeouts, seededChoice("seed"));
    CompletableFuture.runAsync(
        () -> stop.request(ExitStatus.TERMINATED),
        CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
    long start = System.nanoTime();
    assertThat(source.next()).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  private RandomUserSettings settings() {
    return settings(Duration.ofSeconds(10), Duration.ofMinutes(1));
  }

  private RandomUserSettings settings(Duration timeout, Duration maxRetryDuration) {
    return new RandomUserSettings(
        server.url(),
        20_000,
        timeout,
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        maxRetryDuration,
        maxRetryDuration);
  }

  private RandomUserSource seeded(String seed) {
    return source(settings(), seededChoice(seed));
  }

  private static RandomUserSource.Choice seededChoice(String seed) {
    return new RandomUserSource.Choice.Seeded(seed, AS_OF);
  }

  private RandomUserSource source(RandomUserSettings settings, RandomUserSource.Choice choice) {
    return new RandomUserSource(settings, choice, 10, stop);
  }

  private static List<OutgoingEvent> take(UserSource source, int count) {
    List<OutgoingEvent> events = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      Optional<OutgoingEvent> event = source.next();
      events.add(event.orElseThrow());
    }
    source.close();
    return events;
  }

  private static List<UserEvent> decoded(List<OutgoingEvent> events) {
    EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
    return events.stream()
        .map(
            event ->
                (UserEvent)
                    decoder.decode(
                        TestEvents.rawRecord(event.key(), event.value(), AS_OF.toEpochMilli())))
        .toList();
  }

  private static List<String> values(List<OutgoingEvent> events) {
    return events.stream().map(event -> new String(event.value(), StandardCharsets.UTF_8)).toList();
  }

  private static List<String> texts(List<UserEvent> events, UserField field) {
    return events.stream().map(event -> text(event, field)).toList();
  }

  private static String text(UserEvent event, UserField field) {
    return new String(event.value(field), StandardCharsets.UTF_8);
  }
}
