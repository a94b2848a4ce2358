package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.log.OutgoingEvent;
import io.foldlog.producer.RandomUserApi.PageId;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("results", "10", "page", "2", "seed", new Seed("seed").forApi(0)));
  }

  /** The API reads the last two characters of a seed of 18 characters as a nationality. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "manual__2026-11-30",
        "0123456789abcdef05",
        "a",
        "a&page=7&nat=us#x",
        " a b ",
        "Z\u00fcrich \u5317\u4eac \ud83d\ude00",
        "scheduled__2026-11-30T10:00:00+00:00"
      })
  void shouldSendASeedOf16HexadecimalDigits(String seed) {
    List<String> first = values(take(seeded(seed), 20));
    assertThat(values(take(seeded(seed), 20))).isEqualTo(first);
    assertThat(server.requests())
        .hasSize(4)
        .allSatisfy(query -> assertThat(query.get("seed")).matches("[0-9a-f]{16}"))
        .allSatisfy(query -> assertThat(query).containsOnlyKeys("results", "page", "seed"));
  }

  /** The API appends the number of the page to the seed. */
  @Test
  void shouldNotRecordTheSameUsersForSeedsThatDifferByDigitsAtTheEnd() {
    Set<String> users = new HashSet<>(ids(take(seeded("a"), 120)));
    assertThat(ids(take(seeded("a1"), 20))).doesNotContainAnyElementsOf(users);
  }

  /** The API answers page 10,001 with page 1. */
  @Test
  void shouldContinueWithAnotherSeedAfterTheLastPage() {
    Seed seed = new Seed("seed");
    assertThat(PageId.of(seed, 0)).isEqualTo(new PageId(seed.forApi(0), 1));
    assertThat(PageId.of(seed, 9_999)).isEqualTo(new PageId(seed.forApi(0), 10_000));
    assertThat(PageId.of(seed, 10_000)).isEqualTo(new PageId(seed.forApi(1), 1));
    assertThat(PageId.of(seed, 20_001)).isEqualTo(new PageId(seed.forApi(2), 2));
  }

  @Test
  void shouldSkipAPageThatRepeatsTheUsersOfAnEarlierPage() {
    server.then(RandomUserServer.page(), RandomUserServer.usersOfPage(1));
    List<String> users = ids(take(seeded("seed"), 20));
    assertThat(Set.copyOf(users)).hasSize(20);
    assertThat(server.requests())
        .extracting(query -> query.get("page"))
        .containsExactly("1", "2", "3");
  }

  @Test
  void shouldRejectAnApiThatIgnoresThePage() {
    server.then(
        RandomUserServer.page(), RandomUserServer.usersOfPage(1), RandomUserServer.usersOfPage(1));
    RandomUserSource source = seeded("seed");
    for (int number = 0; number < 10; number++) {
      assertThat(source.next()).isPresent();
    }
    assertUsageError(source, "ignores the page");
    assertThat(server.requests()).hasSize(3);
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
    EventTimes clock = EventTimes.clock(InstantSource.fixed(AS_OF));
    Set<Long> times = new HashSet<>();
    RandomUserSource source = new RandomUserSource(settings(), Seed.random(), clock, 10, stop);
    for (UserEvent event : decoded(take(source, 30))) {
      assertThat(times.add(event.timeMicros())).isTrue();
    }
  }

  static Stream<Response> transientFaults() {
    return Stream.of(
        RandomUserServer.rateLimitReached(),
        RandomUserServer.oneUser(),
        RandomUserServer.firstPage(),
        edited("\"seed\":\"[^\"]*\"", "\"seed\":\"another\""),
        edited("\"results\":10", "\"results\":1"),
        edited("\"results\":10,", ""),
        // fewer users than info.results
        edited("(?s)\"results\":\\[.*\\],", "\"results\":[{}],"),
        // the same user twice
        RandomUserServer.edited(RandomUserSourceTest::withTheFirstUserTwice),
        // a repeated member
        edited("\"phone\"", "\"email\":\"other@example.com\",\"phone\""),
        RandomUserServer.status(408, "text/plain", "Request Timeout"),
        RandomUserServer.status(425, "text/plain", "Too Early"),
        // Cloudflare: the API returned an unknown error, is down, timed out
        RandomUserServer.html(520),
        RandomUserServer.html(521),
        RandomUserServer.html(524),
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
        RandomUserServer.status(200, "application/json", "{}"),
        RandomUserServer.status(200, "application/json", "[]"),
        RandomUserServer.status(200, "application/json", "{\"results\":[1,2]}"),
        RandomUserServer.cutOffBody(),
        RandomUserServer.cutOffJson(),
        RandomUserServer.reset(),
        RandomUserServer.hang(),
        RandomUserServer.hangInBody());
  }

  private static Response edited(String expression, String replacement) {
    return RandomUserServer.edited(body -> body.replaceAll(expression, replacement));
  }

  private static String withTheFirstUserTwice(String body) {
    Matcher ids = Pattern.compile("\"uuid\":\"([^\"]+)\"").matcher(body);
    assertThat(ids.find()).isTrue();
    String first = ids.group(1);
    assertThat(ids.find()).isTrue();
    return body.replace(ids.group(1), first);
  }

  @ParameterizedTest
  @MethodSource("transientFaults")
  void shouldRetryAfterATransientFault(Response fault) {
    server.then(RandomUserServer.page(), fault, fault);
    // long enough for a page on a busy machine
    RandomUserSettings longTimeout = settings(Duration.ofSeconds(2), Duration.ofMinutes(1));
    List<OutgoingEvent> events = take(source(longTimeout, "seed", 10), 20);
    assertThat(server.requests()).hasSize(4);
    assertThat(events).hasSize(20);
    assertThat(values(events)).isEqualTo(values(take(source(longTimeout, "seed", 10), 20)));
  }

  @ParameterizedTest
  @MethodSource("transientFaults")
  void shouldFailAsUnavailableWhenAFaultPersists(Response fault) {
    // long enough for the first page on a busy machine
    RandomUserSettings longTimeout = settings(Duration.ofSeconds(3), Duration.ofMillis(300));
    RandomUserSource source = source(longTimeout, "seed", 10);
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
    assertUnavailable(source(settings, "seed", 10), "ConnectException");
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

  @Test
  void shouldWaitLongerForTheRateLimitThanForAnotherFault() {
    RandomUserSettings settings =
        new RandomUserSettings(
            server.url(),
            20_000,
            Duration.ofSeconds(10),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMinutes(1));
    for (int times = 0; times < 20; times++) {
      server.then(RandomUserServer.rateLimitReached());
    }
    assertThat(take(source(settings, "seed", 10), 10)).hasSize(10);
    assertThat(server.requests()).hasSize(21);
  }

  @Test
  void shouldReportThatTheApiAnsweredWithAnError() {
    RandomUserSource source =
        source(settings(Duration.ofSeconds(10), Duration.ofMillis(100)), "seed", 10);
    for (int times = 0; times < 100; times++) {
      server.then(RandomUserServer.status(200, "application/json", "{\"error\":\"Uh oh\"}"));
    }
    assertUnavailable(source, "the API answered with an error");
  }

  @Test
  void shouldReadAnAnswerOfAServerThatCompresses() {
    server.then(RandomUserServer.compressedUnlessExcluded());
    assertThat(take(seeded("seed"), 10)).hasSize(10);
    assertThat(server.requests()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("permanentFaults")
  void shouldNotRetryAfterAPermanentFault(String message, Response fault) {
    server.then(fault);
    assertUsageError(seeded("seed"), message, "producer.randomuser.url");
    assertThat(server.requests()).hasSize(1);
  }

  static Stream<Arguments> permanentFaults() {
    return Stream.of(
        Arguments.of("status 404", RandomUserServer.status(404, "text/plain", "Not Found")),
        Arguments.of("status 400", RandomUserServer.status(400, "text/plain", "Bad Request")),
        Arguments.of("status 401", RandomUserServer.status(401, "text/plain", "Unauthorized")),
        Arguments.of("status 204", RandomUserServer.status(204, "text/plain", "")),
        Arguments.of("info.version absent", edited(",\"info\":.*", "}")),
        Arguments.of("info.version 1.5", edited("\"version\":\"1.4\"", "\"version\":\"1.5\"")),
        // the API's response to inc=bogus
        Arguments.of(
            "login.uuid is not a UUID",
            edited("(?s)\"results\":\\[.*\\],", "\"results\":[{},{},{},{},{},{},{},{},{},{}],")),
        Arguments.of("login.uuid is not a UUID", edited("\"uuid\":\"[^\"]+\",", "")),
        // Java reads it as a UUID
        Arguments.of(
            "login.uuid is not a UUID", edited("\"uuid\":\"[^\"]+\"", "\"uuid\":\"1-2-3-4-5\"")),
        // shapes of earlier versions, and others of the same kind
        Arguments.of(
            "its location.street is not an object",
            edited("\"street\":\\{[^}]*\\}", "\"street\":\"7 Station Road\"")),
        Arguments.of(
            "its dob is not an object",
            edited("\"dob\":\\{[^}]*\\}", "\"dob\":\"1992-02-07 17:56:13\"")),
        Arguments.of(
            "its registered is not an object",
            edited("\"registered\":\\{[^}]*\\}", "\"registered\":1289523723")),
        Arguments.of(
            "its picture is not an object",
            edited("\"picture\":\\{[^}]*\\}", "\"picture\":[\"https://example.com/med.jpg\"]")),
        Arguments.of(
            "its location.postcode is not a text or a number",
            edited("\"postcode\":[^,]+", "\"postcode\":[\"0174\"]")),
        Arguments.of(
            "its location.city is not a text or a number",
            edited("\"city\":\"Bergen\"", "\"city\":{\"name\":\"Bergen\"}")),
        Arguments.of(
            "its phone is not a text or a number",
            edited("\"phone\":\"[^\"]+\"", "\"phone\":true")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.1", "1.2"})
  void shouldRejectAVersionOfTheApiWithOtherUsers(String version) {
    assertUsageError(
        source(settings(server.url(version)), "seed", 10),
        "info.version " + version,
        "Set producer.randomuser.url",
        "/api/1.4/");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void shouldReadVersion13() {
    assertThat(decoded(take(source(settings(server.url("1.3")), "seed", 10), 10)))
        .allSatisfy(RandomUserSourceTest::assertComplete);
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 451})
  void shouldReportThatTheApiBlocksTheAddress(int status) {
    server.then(RandomUserServer.html(status));
    assertUsageError(
        seeded("seed"),
        "status " + status,
        "blocks the network address of this machine",
        "--source synthetic");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void shouldReportThatAProxyRequiresALogin() {
    server.then(RandomUserServer.html(407));
    assertUsageError(seeded("seed"), "proxy", "requires a login");
    assertThat(server.requests()).hasSize(1);
  }

  private static void assertUsageError(RandomUserSource source, String... parts) {
    assertThatThrownBy(source::next)
        .isInstanceOfSatisfying(
            PipelineException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR);
              assertThat(failure.getMessage()).contains(parts).doesNotContain("\n");
            });
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
    RandomUserSource source = source(slow, "seed", 10);
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
    RandomUserSource source = source(longTimeouts, "seed", 10);
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
    return settings(server.url(), timeout, maxRetryDuration);
  }

  private static RandomUserSettings settings(URI url) {
    return settings(url, Duration.ofSeconds(10), Duration.ofMinutes(1));
  }

  private static RandomUserSettings settings(URI url, Duration timeout, Duration maxRetryDuration) {
    return new RandomUserSettings(
        url,
        20_000,
        timeout,
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        maxRetryDuration,
        maxRetryDuration);
  }

  private RandomUserSource seeded(String seed) {
    return source(settings(), seed, 10);
  }

  private RandomUserSource source(RandomUserSettings settings, String seed, int pageSize) {
    return new RandomUserSource(settings, new Seed(seed), EventTimes.asOf(AS_OF), pageSize, stop);
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

  private static List<String> ids(List<OutgoingEvent> events) {
    return events.stream().map(event -> new String(event.key(), StandardCharsets.UTF_8)).toList();
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
