package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {

  private static final String USER = "0f8fad5b-d9cb-469f-a165-70867728950e";
  private static final long RECORD_MILLIS = 1_704_067_200_000L; // 2024-01-01T00:00:00Z

  private final EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);

  /** Each line: the reason code, the field, and the document with ' in place of ". */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      emptyValue = "",
      value = {
        "NOT_JSON      |             | {'specversion':'1.0'",
        "NOT_JSON      |             | {'a':1,'a':2}",
        "NOT_JSON      |             | {'a':{'b':1,'b':2}}",
        "NOT_JSON      |             | {} {}",
        "NOT_JSON      |             | {'a':NaN}",
        "NOT_JSON      |             | nonsense",
        "NOT_AN_EVENT  |             | []",
        "NOT_AN_EVENT  |             | null",
        "NOT_AN_EVENT  |             | 'text'",
        "MISSING_FIELD | id          | {}",
        "BAD_VALUE     | id          | {'id':5}",
        "BAD_VALUE     | id          | {'id':'x'}",
        "BAD_VALUE     | specversion | {'specversion':null}",
        "UNKNOWN_TYPE  | specversion | {'specversion':'0.3','id':'1','type':'user.deleted.v1'}",
        "MISSING_FIELD | type        | {'specversion':'1.0','id':'1'}",
        "UNKNOWN_TYPE  | type        | {'specversion':'1.0','id':'1','type':'user.moved.v1'}",
        "UNKNOWN_TYPE  | type        | {'specversion':'1.0','id':'1','type':'user.registered.v2'}",
        "MISSING_FIELD | id          | {'specversion':'1.0','type':'user.deleted.v1','source':'s'}",
        "MISSING_FIELD | source      | {'specversion':'1.0','type':'user.deleted.v1','id':'1'}",
      })
  void shouldRejectInvalidDocumentsWithReasonAndField(String code, String field, String document) {
    assertRejected(document.replace('\'', '"'), Rejection.Code.valueOf(code), field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "MISSING_FIELD     | subject   | 'subject':null",
        "BAD_VALUE         | subject   | 'subject':'1-1-1-1-1'",
        "BAD_VALUE         | subject   | 'subject':7",
        "BAD_VALUE         | time      | 'time':'2024-01-01'",
        "BAD_VALUE         | time      | 'time':''",
        "BAD_VALUE         | time      | 'time':1704067200",
        "TIME_OUT_OF_RANGE | time      | 'time':'2024-01-01T01:05:00.000001+01:00'",
        "TIME_OUT_OF_RANGE | time      | 'time':'1999-12-31T23:59:59.999999Z'",
        "TIME_OUT_OF_RANGE | time      | 'time':'2024-01-01T00:05:00.000001Z'",
        "BAD_VALUE         | id        | 'id':' '",
        "BAD_VALUE         | id        | 'id':'a\\u0000b'",
        "MISSING_FIELD     | data      | 'data':null",
        "BAD_VALUE         | data      | 'data':[]",
        "BAD_VALUE         | email     | 'data':{'email':5}",
        "BAD_VALUE         | email     | 'data':{'email':{'a':[1]}}",
        "BAD_VALUE         | post_code | 'data':{'post_code':174}",
        "BAD_VALUE         | email     | 'data':{'email':'a\\u0000b'}",
        "BAD_VALUE         | email     | 'data':{'email':'a\\ud800b'}",
        "BAD_VALUE         | dob       | 'data':{'dob':'yesterday'}",
        "BAD_VALUE         | dob       | 'data':{'dob':725479200}",
        "BAD_VALUE         | latitude  | 'data':{'latitude':90.1}",
        "BAD_VALUE         | latitude  | 'data':{'latitude':'12'}",
        "BAD_VALUE         | longitude | 'data':{'longitude':1e999}",
      })
  void shouldRejectInvalidCloudEventsWithReasonAndField(String code, String field, String member) {
    assertRejected(cloudEvent(member.replace('\'', '"')), Rejection.Code.valueOf(code), field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2024-01-01T00:05:00Z", "2000-01-01T00:00:00Z"})
  void shouldAcceptEventTimesAtTheLimits(String time) {
    assertAccepted(cloudEvent("\"time\":\"" + time + "\""));
  }

  @Test
  void shouldLimitTheSizeOfNormalisedText() {
    String longest = "é".repeat(512);

    assertAccepted(cloudEvent("\"data\":{\"email\":\"" + longest + "\"}"));
    assertAccepted(cloudEvent("\"data\":{\"email\":\"  " + "e\u0301".repeat(512) + "  \"}"));
    assertRejected(
        cloudEvent("\"data\":{\"email\":\"" + longest + "x\"}"), Rejection.Code.TOO_LARGE, "email");
  }

  /** Normalisation sorts the combining marks of a character, which takes quadratic time. */
  @Test
  @Timeout(10)
  void shouldRejectExcessiveCombiningMarksWithoutNormalisingThem() {
    String marks = "\u0301".repeat(250_000) + "\u0323".repeat(250_000);

    assertRejected(
        cloudEvent("\"data\":{\"email\":\"a" + marks + "\"}"), Rejection.Code.TOO_LARGE, "email");
  }

  @Test
  void shouldNormaliseAllTextThatMayFitTheLimit() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      if (Character.getType(codePoint) == Character.SURROGATE) {
        continue;
      }
      String character = Character.toString(codePoint);
      String decomposed = Normalizer.normalize(character, Normalizer.Form.NFD);
      assertThat(character.length()).isLessThanOrEqualTo(2 * decomposed.length());
      if (Normalizer.isNormalized(character, Normalizer.Form.NFC)) {
        int bytes = character.getBytes(StandardCharsets.UTF_8).length;
        assertThat(2 * decomposed.length() * CqlCodec.MAX_TEXT_BYTES)
            .as("%x", codePoint)
            .isLessThanOrEqualTo(bytes * CqlCodec.MAX_TEXT_UNITS);
      }
    }
  }

  @Test
  void shouldRejectNestingBeyondTheParsersLimit() {
    assertRejected(
        cloudEvent("\"more\":" + "[".repeat(2000) + "]".repeat(2000)),
        Rejection.Code.TOO_LARGE,
        null);
  }

  /** Documents in which U is the user id, valid and invalid by RFC 8259. */
  static Stream<Arguments> documents() {
    Stream<String> valid =
        Stream.of(
            " \t\r\n{\"id\":\"U\"} \t\r\n",
            "{\"\\u0069d\":\"U\"}",
            "{\"id\":\"U\",\"a\":-0,\"b\":1E+2,\"c\":\"\\ud83d\\ude00\\/\"}",
            "{\"id\":\"U\",\"a\":\"\\u0000\",\"b\":\"\\ud800\"}",
            "{\"id\":\"U\",\"\":{\"\":[]}}");
    Stream<String> invalid =
        Stream.of(
            "{\"id\":\"U\",\"\\u0069d\":\"U\"}",
            "{\"id\":\"U\",\"a\":\"\t\"}",
            "{\"id\":\"U\",\"a\":01}",
            "{\"id\":\"U\",\"a\":+1}",
            "{\"id\":\"U\",\"a\":.5}",
            "{\"id\":\"U\",\"a\":1.}",
            "{\"id\":\"U\",\"a\":\"\\x41\"}",
            "{\"id\":\"U\",}",
            "{'id':'U'}",
            "/* comment */{\"id\":\"U\"}",
            "{\"id\":\"U\",\"a\":True}",
            "{\"id\":\"U\"};");
    return Stream.concat(
        valid.map(document -> Arguments.of(document, "event")),
        invalid.map(document -> Arguments.of(document, "NOT_JSON")));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void shouldReadJsonAsRfc8259(String document, String expected) {
    DecodeResult decoded = decode(null, bytes(document.replace("U", USER)));

    assertThat(decoded instanceof Rejection rejection ? rejection.code().name() : "event")
        .isEqualTo(expected);
  }

  @Test
  void shouldRejectBytesThatAreNotUtf8() {
    byte[] latin = "{\"id\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
    byte[] utf16 = "{\"id\":\"x\"}".getBytes(StandardCharsets.UTF_16BE);

    assertThat(decode(null, latin)).extracting("code").isEqualTo(Rejection.Code.NOT_JSON);
    assertThat(decode(null, utf16)).extracting("code").isEqualTo(Rejection.Code.NOT_JSON);
  }

  @Test
  void shouldRejectARecordWithoutAValue() {
    assertThat(decode(null, null)).extracting("code").isEqualTo(Rejection.Code.NOT_AN_EVENT);
    assertThat(decode(null, new byte[0])).extracting("code").isEqualTo(Rejection.Code.NOT_AN_EVENT);
  }

  @Test
  void shouldRejectAKeyThatIsNotTheSubject() {
    byte[] value = bytes(cloudEvent(""));

    assertThat(decode(bytes(USER), value)).isInstanceOf(UserEvent.class);
    assertThat(decode(bytes(USER.toUpperCase(Locale.ROOT)), value)).isInstanceOf(UserEvent.class);
    assertThat(decode(new byte[0], value)).isInstanceOf(UserEvent.class);
    for (String other : new String[] {USER.replace('0', '1'), "user-7"}) {
      assertThat(decode(bytes(other), value))
          .extracting("code")
          .isEqualTo(Rejection.Code.KEY_MISMATCH);
    }
  }

  @Test
  void shouldNormaliseASubjectInUpperCase() {
    UserEvent event =
        assertAccepted(cloudEvent("\"subject\":\"" + USER.toUpperCase(Locale.ROOT) + "\""));

    assertThat(event.userId()).isEqualTo(UUID.fromString(USER));
  }

  @Test
  void shouldDistinguishAbsentClearedAndSetFields() {
    UserEvent event =
        assertAccepted(
            cloudEvent("\"data\":{\"email\":null,\"city\":\"  \",\"state\":\" Bern \"}"));

    assertThat(event.isCleared(UserField.EMAIL)).isTrue();
    assertThat(event.isCleared(UserField.CITY)).as("blank text is cleared").isTrue();
    assertThat(event.value(UserField.STATE)).isEqualTo(bytes("Bern"));
    assertThat(event.isAbsent(UserField.PHONE)).isTrue();
    assertThat(event.value(UserField.LAST_EVENT_TYPE)).isEqualTo(bytes("user.updated.v1"));
  }

  @Test
  void shouldIgnoreAndCountUnknownMembers() {
    UserEvent event =
        assertAccepted(
            cloudEvent(
                "\"traceparent\":\"00-ab\",\"data\":{\"shoe_size\":[1,{\"a\":2}],"
                    + "\"last_event_id\":\"forged\",\"email\":\"a@b\"}"));

    assertThat(event.unknownMembers()).isEqualTo(3);
    assertThat(event.value(UserField.LAST_EVENT_ID)).isEqualTo(bytes("event-1"));
  }

  @Test
  void shouldIgnoreTheDataOfADeletion() {
    UserEvent event =
        assertAccepted(cloudEvent("\"type\":\"user.deleted.v1\",\"data\":{\"email\":5}"));

    assertThat(event.isDeletion()).isTrue();
    assertThat(UserField.all()).allMatch(event::isAbsent);
  }

  @Test
  void shouldReadMembersInAnyOrder() {
    String document =
        "{\"data\":{\"email\":\"a@b\"},\"time\":\"2024-01-01T00:00:00Z\",\"subject\":\""
            + USER
            + "\",\"type\":\"user.updated.v1\",\"source\":\"s\",\"id\":\"1\","
            + "\"specversion\":\"1.0\"}";

    assertThat(assertAccepted(document).value(UserField.EMAIL)).isEqualTo(bytes("a@b"));
  }

  @Test
  void shouldRejectCreateTimeUnlessItIsTrusted() {
    byte[] value = bytes(cloudEvent(""));

    RawRecord record =
        new RawRecord(null, value, List.of(), TimestampSource.CREATE_TIME, RECORD_MILLIS, 0);

    assertThat(decoder.decode(record)).extracting("code").isEqualTo(Rejection.Code.CLOCK_UNTRUSTED);
    assertThat(new EventDecoder(EventDecoder.CreateTime.TRUST).decode(record))
        .isInstanceOf(UserEvent.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, Long.MAX_VALUE, 253_402_300_800_000L})
  void shouldRejectTimestampsOutOfRangeAlsoIfCreateTimeIsTrusted(long timestamp) {
    assertThat(
            new EventDecoder(EventDecoder.CreateTime.TRUST)
                .decode(
                    new RawRecord(
                        null,
                        bytes(flatEvent("")),
                        List.of(),
                        TimestampSource.CREATE_TIME,
                        timestamp,
                        Long.MAX_VALUE)))
        .extracting("code")
        .isEqualTo(Rejection.Code.TIME_OUT_OF_RANGE);
  }

  @Test
  void shouldDeriveTheTimeOfAFlatEventFromTimestampAndOffset() {
    UserEvent event =
        (UserEvent)
            decoder.decode(
                new RawRecord(
                    null,
                    bytes(flatEvent("\"post_code\":174,\"login\":{\"password\":\"x\"}")),
                    List.of(),
                    TimestampSource.LOG_APPEND_TIME,
                    RECORD_MILLIS,
                    12_345));

    assertThat(event.type()).isEqualTo(EventType.REGISTERED);
    assertThat(event.userId()).isEqualTo(UUID.fromString(USER));
    assertThat(event.timeMicros()).isEqualTo(RECORD_MILLIS * 1000 + 345);
    assertThat(event.value(UserField.POST_CODE)).isEqualTo(bytes("174"));
    assertThat(event.unknownMembers()).isEqualTo(1);
    assertThat(event.isAbsent(UserField.DOB)).isTrue();
  }

  @Test
  void shouldRejectAFlatEventWithAFieldOfTheWrongType() {
    assertRejected(flatEvent("\"post_code\":1.5"), Rejection.Code.BAD_VALUE, "post_code");
    assertRejected(flatEvent("\"email\":7"), Rejection.Code.BAD_VALUE, "email");
    assertRejected(flatEvent("\"latitude\":\"north\""), Rejection.Code.BAD_VALUE, "latitude");
    assertRejected(flatEvent("\"longitude\":\"181\""), Rejection.Code.BAD_VALUE, "longitude");
  }

  @ParameterizedTest
  @EnumSource(UserField.class)
  void shouldReadEveryColumnOfTheTableFromAFlatEvent(UserField field) {
    String value =
        switch (field.type()) {
          case TEXT -> "\"Bern\"";
          case TIMESTAMP -> "\"1992-02-07T17:56:13.316Z\"";
          case DOUBLE, BIGINT -> "12.5";
        };
    UserEvent event = assertAccepted(flatEvent("\"" + field.columnName() + "\":" + value));
    UserEvent cleared = assertAccepted(flatEvent("\"" + field.columnName() + "\":\"\\u00a0\""));

    if (field.isData()) {
      assertThat(event.isSet(field)).isTrue();
      assertThat(event.unknownMembers()).isZero();
      assertThat(cleared.isCleared(field)).as("blank text is cleared").isTrue();
    } else {
      assertThat(event.unknownMembers()).as("the event itself sets it").isOne();
    }
  }

  @Test
  void shouldReadCoordinatesAsTextOrNumberFromAFlatEvent() {
    UserEvent text = assertAccepted(flatEvent("\"latitude\":\"-34.9050\""));
    UserEvent number = assertAccepted(flatEvent("\"latitude\":-34.905"));

    assertThat(text.value(UserField.LATITUDE)).isEqualTo(number.value(UserField.LATITUDE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\u00a0", "\u0085", "\u2007\u202f", "\u3000\t"})
  void shouldClearFieldsThatAreBlankInUnicode(String blank) {
    String members = "\"city\":\"%1$s\",\"dob\":\"%1$s\"".formatted(blank.replace("\t", "\\t"));
    for (String document : List.of(flatEvent(members), cloudEvent("\"data\":{" + members + "}"))) {
      UserEvent event = assertAccepted(document);
      assertThat(event.isCleared(UserField.CITY)).isTrue();
      assertThat(event.isCleared(UserField.DOB)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2024-01-01T00:00:00.123456+00:00,       123456",
    "2024-01-01T00:00:00.1234567Z,           123456",
    "2024-01-01T00:00:00.123456789Z,         123456",
    "2024-01-01t00:00:00z,                   0",
    "2024-01-01T05:30:00.5+05:30,            500000",
    "2023-12-31T16:00:00.000001-08:00,       1",
    "2023-12-31T23:59:60.9Z,                 -1",
    "2024-01-01T00:59:60+01:00,              -1",
  })
  void shouldFloorEveryRfc3339TimeToMicroseconds(String time, long micros) {
    UserEvent event = assertAccepted(cloudEvent("\"time\":\"" + time + "\""));

    assertThat(event.timeMicros()).isEqualTo(RECORD_MILLIS * 1000 + micros);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"time\":null,"})
  void shouldPlaceACloudEventWithoutTimeAtItsRecord(String time) {
    String document =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\","
            + time
            + "\"type\":\"user.deleted.v1\",\"subject\":\""
            + USER
            + "\"}";
    UserEvent event =
        (UserEvent)
            decoder.decode(
                new RawRecord(
                    null,
                    bytes(document),
                    List.of(),
                    TimestampSource.LOG_APPEND_TIME,
                    RECORD_MILLIS,
                    12_345));

    assertThat(event.timeMicros()).isEqualTo(RECORD_MILLIS * 1000 + 345);
  }

  @Test
  void shouldNotRevealValuesInMessages() {
    Rejection rejection =
        assertRejected(
            cloudEvent("\"data\":{\"dob\":\"secret value\"}"), Rejection.Code.BAD_VALUE, "dob");

    assertThat(rejection.message()).doesNotContain("secret value").contains("dob");
  }

  /** A CloudEvent with the given members, and defaults for the attributes not among them. */
  private static String cloudEvent(String members) {
    StringBuilder document = new StringBuilder("{");
    String[][] defaults = {
      {"specversion", "\"1.0\""},
      {"id", "\"event-1\""},
      {"source", "\"urn:test\""},
      {"type", "\"user.updated.v1\""},
      {"subject", "\"" + USER + "\""},
      {"time", "\"2024-01-01T00:00:00Z\""},
      {"data", "{}"}
    };
    for (String[] attribute : defaults) {
      if (!members.contains("\"" + attribute[0] + "\":")) {
        document.append('"').append(attribute[0]).append("\":").append(attribute[1]).append(',');
      }
    }
    return document.append(members.isEmpty() ? "\"more\":0" : members).append('}').toString();
  }

  private static String flatEvent(String members) {
    return "{\"id\":\"" + USER + "\"" + (members.isEmpty() ? "" : "," + members) + "}";
  }

  private UserEvent assertAccepted(String document) {
    DecodeResult decoded = decode(null, bytes(document));
    assertThat(decoded).as(document).isInstanceOf(UserEvent.class);
    return (UserEvent) decoded;
  }

  private Rejection assertRejected(String document, Rejection.Code code, String field) {
    DecodeResult decoded = decode(null, bytes(document));
    assertThat(decoded).as(document).isInstanceOf(Rejection.class);
    Rejection rejection = (Rejection) decoded;
    assertThat(rejection.code()).as(rejection.message()).isEqualTo(code);
    assertThat(rejection.field()).isEqualTo(field == null ? "" : field);
    return rejection;
  }

  private DecodeResult decode(byte[] key, byte[] value) {
    return decoder.decode(TestEvents.rawRecord(key, value, RECORD_MILLIS));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
