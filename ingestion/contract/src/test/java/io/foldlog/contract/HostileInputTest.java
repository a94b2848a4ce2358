package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;

/** Decoding is total: mutated documents never throw, and decode alike in any company. */
class HostileInputTest {

  private static final List<String> DOCUMENTS =
      List.of(
          """
          {"specversion":"1.0","id":"8f2c","source":"https://randomuser.me/api/1.4/",\
          "type":"user.registered.v1","subject":"0f8fad5b-d9cb-469f-a165-70867728950e",\
          "time":"2024-01-01T00:00:00.000001Z","dataschema":"urn:x","data":{"first_name":"Åsa",\
          "email":null,"post_code":"0174","dob":"1992-02-07T17:56:13.316Z","latitude":-34.905,\
          "unknown":{"a":[1,2,{"b":null}]}}}""",
          """
          {"specversion":"1.0","id":"1","source":"s","type":"user.deleted.v1",\
          "subject":"0F8FAD5B-D9CB-469F-A165-70867728950E","time":"2024-01-01T00:00:00Z"}""",
          """
          {"id":"0f8fad5b-d9cb-469f-a165-70867728950e","first_name":"محمد","last_name":"b",\
          "gender":"male","address":"1 a, b, c, d","post_code":174,"email":"a@b.c",\
          "username":"u","dob":"1992-02-07T17:56:13.316Z",\
          "registered_date":"2010-01-01T00:00:00Z","phone":"1","picture":"https://x/1.jpg"}""");

  private static final String[] FRAGMENTS = {
    "null",
    "{}",
    "[]",
    "\"\"",
    "-0",
    "1e999",
    "9".repeat(1200),
    "\"\\ud800\"",
    "\"\\u0000\"",
    "[".repeat(1100),
    "{\"a\":".repeat(600),
    "\"" + "x".repeat(1025) + "\"",
    ",",
    ":",
    "\"",
    "\\",
    "\"id\":\"x\",",
    "\"specversion\":\"1.0\",",
    "\uFEFF",
    "\uD83D\uDE00",
    "true",
    "-",
    "/*",
    "\n"
  };

  private static int accepted;
  private static int rejected;

  private final EventDecoder reused = new EventDecoder(EventDecoder.CreateTime.TRUST);

  @Property(tries = 50_000, shrinking = ShrinkingMode.OFF)
  void shouldDecodeAnyMutationWithoutThrowing(@ForAll Random random) {
    byte[] value = mutated(random);
    byte[] key = random.nextInt(4) == 0 ? bytesOf(random, 40) : null;
    TimestampKind kind = TimestampKind.values()[random.nextInt(2)];
    long timestamp = random.nextInt(50) == 0 ? random.nextLong() : 1_704_067_200_000L;
    long offset = random.nextLong() & Long.MAX_VALUE;

    Decoded decoded = reused.decode(key, value, kind, timestamp, offset);

    EventDecoder fresh = new EventDecoder(EventDecoder.CreateTime.TRUST);
    assertThat(fresh.decode(key, value, kind, timestamp, offset)).isEqualTo(decoded);
    if (decoded instanceof UserEvent event) {
      accepted++;
      UserState state = new UserState().apply(event);
      assertThat(state.isLive()).isEqualTo(!event.isDeletion());
      assertThat(EventEncoder.value(event)).isNotEmpty();
    } else {
      rejected++;
    }
  }

  @AfterContainer
  static void shouldHaveSeenBothOutcomes() {
    assertThat(accepted).as("accepted mutations").isGreaterThan(1_000);
    assertThat(rejected).as("rejected mutations").isGreaterThan(1_000);
  }

  private static byte[] mutated(Random random) {
    StringBuilder document = new StringBuilder(DOCUMENTS.get(random.nextInt(DOCUMENTS.size())));
    for (int count = random.nextInt(4); count > 0; count--) {
      int at = random.nextInt(document.length() + 1);
      int end = Math.min(document.length(), at + random.nextInt(12));
      switch (random.nextInt(4)) {
        case 0 -> document.insert(at, FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
        case 1 -> document.replace(at, end, FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
        case 2 -> document.delete(at, end);
        default -> document.insert(at, (char) random.nextInt(0x10000));
      }
    }
    byte[] bytes = document.toString().getBytes(StandardCharsets.UTF_8);
    for (int count = random.nextInt(3); count > 0 && bytes.length > 0; count--) {
      if (random.nextInt(3) == 0) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
    }
    return bytes;
  }

  private static byte[] bytesOf(Random random, int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }
}
