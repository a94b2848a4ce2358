package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * CloudEvents 1.0.2: the tables of attributes of the specification (sections "REQUIRED Attributes"
 * to "Extension Context Attributes"), the JSON event format and the Kafka protocol binding.
 */
class CloudEventsTest {

  private static final String USER = "0f8fad5b-d9cb-469f-a165-70867728950e";
  private static final long RECORD_MILLIS = 1_704_067_200_000L; // 2024-01-01T00:00:00Z
  private static final String STRUCTURED = "application/cloudevents+json";
  private static final String DATA = "{\"city\":\"Bern\",\"email\":null}";

  private final EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);

  private enum Mode {
    STRUCTURED,
    BINARY
  }

  private static Map<String, String> attributes() {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("specversion", "1.0");
    attributes.put("id", "event-1");
    attributes.put("source", "urn:test");
    attributes.put("type", "user.updated.v1");
    attributes.put("subject", USER);
    attributes.put("time", "2023-12-31T00:00:00Z");
    return attributes;
  }

  /**
   * Each row: an attribute, a value ({@code -} is absent), and the reason code of the rejection or
   * {@code event}.
   */
  static Stream<Arguments> attributeValues() {
    String[][] rows = {
      // required
      {"id", "-", "MISSING_FIELD"},
      {"id", "", "BAD_VALUE"},
      {"id", "A234-1234-1234", "event"},
      {"id", "日本/é", "event"},
      {"source", "-", "MISSING_FIELD"},
      {"source", "", "BAD_VALUE"},
      {"source", "/mycontext/subcontext", "event"},
      {"source", "1-555-123-4567", "event"},
      {"source", "mailto:a@example.org", "event"},
      {"specversion", "", "UNKNOWN_TYPE"},
      {"specversion", "0.3", "UNKNOWN_TYPE"},
      {"specversion", "1.0.2", "UNKNOWN_TYPE"},
      {"specversion", "1.0", "event"},
      {"type", "-", "MISSING_FIELD"},
      {"type", "", "BAD_VALUE"},
      {"type", "com.example.someevent", "UNKNOWN_TYPE"},
      {"type", "USER.UPDATED.V1", "UNKNOWN_TYPE"},
      // optional; the subject is the user id
      {"subject", "-", "MISSING_FIELD"},
      {"subject", "", "BAD_VALUE"},
      {"subject", "larger-context", "BAD_VALUE"},
      {"time", "-", "event"},
      {"time", "", "BAD_VALUE"},
      {"time", "2018-04-05T03:56:24Z", "event"},
      {"time", "2018-04-05T03:56:24.1234567+02:00", "event"},
      {"time", "2018-04-05 03:56:24Z", "BAD_VALUE"},
      {"time", "1522900584", "BAD_VALUE"},
      {"datacontenttype", "-", "event"},
      {"datacontenttype", "application/json", "event"},
      {"datacontenttype", "application/json; charset=utf-8", "event"},
      {"datacontenttype", "Text/JSON", "event"},
      {"datacontenttype", "application/vnd.user+json", "event"},
      {"datacontenttype", "application/xml", "UNSUPPORTED_FORMAT"},
      {"datacontenttype", "application/vnd.apache.thrift.binary", "UNSUPPORTED_FORMAT"},
      {"datacontenttype", "text/plain;format=json", "UNSUPPORTED_FORMAT"},
      {"datacontenttype", "", "UNSUPPORTED_FORMAT"},
      {"dataschema", "-", "event"},
      {"dataschema", "urn:foldlog:schema:user.updated.v1", "event"},
      {"dataschema", "https://example.org/other", "event"},
      // extensions
      {"partitionkey", USER, "event"},
      {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "event"},
      {"comexampleextension1", "", "event"},
    };
    return Stream.of(rows)
        .flatMap(
            row ->
                Stream.of(Mode.values()).map(mode -> Arguments.of(mode, row[0], row[1], row[2])));
  }

  @ParameterizedTest
  @MethodSource("attributeValues")
  void shouldTreatAttributesAsSpecifiedInBothModes(
      Mode mode, String attribute, String value, String expected) {
    Map<String, String> attributes = attributes();
    if (value.equals("-")) {
      attributes.remove(attribute);
    } else {
      attributes.put(attribute, value);
    }

    DecodeResult decoded =
        mode == Mode.STRUCTURED ? decode(structured(attributes)) : decode(binary(attributes, DATA));

    assertThat(outcome(decoded)).isEqualTo(expected);
    if (decoded instanceof Rejection rejection) {
      assertThat(rejection.field()).isEqualTo(attribute);
      assertThat(rejection.message())
          .contains(attribute.equals("datacontenttype") ? "JSON" : attribute);
    } else {
      assertThat(((UserEvent) decoded).value(UserField.CITY)).isEqualTo(bytes("Bern"));
      assertThat(((UserEvent) decoded).isCleared(UserField.EMAIL)).isTrue();
    }
  }

  /** Each line: members that replace attributes of a structured event, and the reason code. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'subject':null                     | MISSING_FIELD",
        "'time':null                        | event",
        "'datacontenttype':null             | event",
        "'dataschema':null                  | event",
        "'unsetextension':null              | event",
        "'comexampleothervalue':5           | event",
        "'comexampleflag':true              | event",
        "'datacontenttype':5                | BAD_VALUE",
        "'id':5                             | BAD_VALUE",
        "'specversion':1.0                  | BAD_VALUE",
        "'specversion':null                 | BAD_VALUE",
        "'data':'I am just a string'        | BAD_VALUE",
        "'data':'{}'                        | BAD_VALUE",
        "'data':null                        | MISSING_FIELD",
        "'data_base64':null                 | event",
        "'data_base64':'e30='               | BAD_VALUE",
        "'DATA':5                           | event",
      })
  void shouldReadTheJsonFormatAsSpecified(String member, String expected) {
    String[] nameAndValue = member.replace('\'', '"').split(":", 2);
    String document = structured(attributes());
    String name = nameAndValue[0].replace("\"", "");
    document = document.replaceFirst(",?\"" + name + "\":(\"[^\"]*\"|\\{[^}]*})", "");
    document =
        ("{" + member.replace('\'', '"') + "," + document.substring(1))
            .replace("{,", "{")
            .replace(",,", ",");

    assertThat(outcome(decode(document))).as(document).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "eyJjaXR5IjoiQmVybiIsImVtYWlsIjpudWxsfQ==  | application/json | event",
        "eyJjaXR5IjoiQmVybiIsImVtYWlsIjpudWxsfQ    | -                | event",
        "eyJjaXR5IjoiQmVybiIsImVtYWlsIjpudWxsfQ==  | application/avro | UNSUPPORTED_FORMAT",
        "WzFd                                      | -                | BAD_VALUE",
        "bm9uc2Vuc2U=                              | -                | NOT_JSON",
        "//79                                      | -                | NOT_JSON",
        "a-_b                                      | -                | BAD_VALUE",
        "=                                         | -                | BAD_VALUE",
        "AAAAAAB7fQ==                              | -                | UNSUPPORTED_FORMAT",
      })
  void shouldReadDataInBase64(String base64, String contentType, String expected) {
    Map<String, String> attributes = attributes();
    if (!contentType.equals("-")) {
      attributes.put("datacontenttype", contentType);
    }
    attributes.put("data_base64", base64);

    DecodeResult decoded = decode(document(attributes, ""));

    assertThat(outcome(decoded)).isEqualTo(expected);
    if (decoded instanceof UserEvent event) {
      assertThat(event.value(UserField.CITY)).isEqualTo(bytes("Bern"));
      assertThat(event.isCleared(UserField.EMAIL)).isTrue();
    }
  }

  @Test
  void shouldReadTheSameEventFromBothModesAndFromBase64() {
    Map<String, String> inBase64 = attributes();
    inBase64.put("data_base64", Base64.getEncoder().encodeToString(bytes(DATA)));

    DecodeResult structured = decode(structured(attributes()));

    assertThat(structured).isInstanceOf(UserEvent.class);
    assertThat(decode(binary(attributes(), DATA))).isEqualTo(structured);
    assertThat(decode(document(inBase64, ""))).isEqualTo(structured);
    assertThat(((UserEvent) structured).unknownMembers()).isZero();
  }

  /** Each line: the content type, ce_ headers (yes or no), the value, and the outcome. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/cloudevents+json                  | no  | structured | event",
        "application/cloudevents+json; charset=UTF-8   | no  | structured | event",
        "Application/CloudEvents+JSON ;charset=\"utf-8\"| no  | structured | event",
        "application/cloudevents+json                  | yes | structured | event",
        "application/cloudevents+json                  | yes | data       | MISSING_FIELD specversion",
        "application/cloudevents+json                  | no  | flat       | MISSING_FIELD specversion",
        "application/cloudevents+json                  | no  | none       | NOT_AN_EVENT",
        "application/cloudevents-batch+json            | no  | batch      | UNSUPPORTED_FORMAT content-type",
        "application/cloudevents+avro                  | yes | data       | UNSUPPORTED_FORMAT content-type",
        "application/cloudevents                       | no  | structured | UNSUPPORTED_FORMAT content-type",
        "application/json                              | yes | data       | event",
        "-                                             | yes | data       | event",
        "application/json                              | yes | structured | BAD_VALUE specversion",
        "-                                             | yes | structured | BAD_VALUE specversion",
        "-                                             | yes | none       | MISSING_FIELD data",
        "-                                             | yes | batch      | NOT_AN_EVENT",
        "application/avro                              | yes | framed     | UNSUPPORTED_FORMAT datacontenttype",
        "application/json                              | yes | framed     | UNSUPPORTED_FORMAT",
        "application/json                              | no  | structured | event",
        "-                                             | no  | structured | event",
        "-                                             | no  | flat       | event",
        "application/json                              | no  | flat       | event",
        "-                                             | no  | framed     | UNSUPPORTED_FORMAT",
        "-                                             | no  | batch      | NOT_AN_EVENT",
      })
  void shouldChooseTheContentModeByContentTypeThenHeadersThenValue(
      String contentType, String hasAttributes, String value, String expected) {
    List<RecordHeader> headers =
        new ArrayList<>(
            hasAttributes.equals("yes") ? binary(attributes(), DATA).headers() : List.of());
    headers.add(header("traceparent", "00-ab"));
    if (!contentType.equals("-")) {
      headers.add(header("content-type", contentType));
    }
    byte[] bytes =
        switch (value) {
          case "structured" -> bytes(structured(attributes()));
          case "data" -> bytes(DATA);
          case "flat" -> bytes("{\"id\":\"" + USER + "\",\"city\":\"Bern\"}");
          case "batch" -> bytes("[" + structured(attributes()) + "]");
          case "framed" -> bytes("\0\0\0\0\7" + DATA);
          default -> null;
        };

    DecodeResult decoded = decode(record(headers, bytes));

    String[] codeAndField = (expected + " ").split(" ", 2);
    assertThat(outcome(decoded)).isEqualTo(codeAndField[0]);
    if (decoded instanceof Rejection rejection) {
      assertThat(rejection.field()).isEqualTo(codeAndField[1].strip());
    }
  }

  @Test
  void shouldReadADeletionInBinaryModeAtItsOwnTimeWhateverItsValueIs() {
    Map<String, String> attributes = attributes();
    attributes.put("type", "user.deleted.v1");
    for (String value : new String[] {null, "", "{\"id\":\"" + USER + "\"}", "[", "bye", DATA}) {
      DecodeResult decoded = decode(binary(attributes, value));
      assertThat(decoded).as(value).isInstanceOf(UserEvent.class);
      assertThat(((UserEvent) decoded).isDeletion()).isTrue();
      assertThat(((UserEvent) decoded).timeMicros())
          .isEqualTo((RECORD_MILLIS - 24 * 3600 * 1000) * 1000);
    }
  }

  @Test
  void shouldIgnoreAttributeHeadersOfOtherRecords() {
    List<RecordHeader> headers =
        List.of(header("ce_traceparent", "00-ab"), new RecordHeader("ce_traceparent", null));

    assertThat(decode(record(headers, bytes("{\"id\":\"" + USER + "\"}"))))
        .isInstanceOf(UserEvent.class);
    assertThat(decode(record(headers, bytes(structured(attributes())))))
        .isInstanceOf(UserEvent.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ce_type",
        "ce_subject",
        "ce_time",
        "ce_specversion",
        "ce_traceparent",
        "content-type"
      })
  void shouldRejectHeadersThatAreRepeatedOrHaveNoText(String name) {
    Map<String, String> attributes = attributes();
    attributes.put("traceparent", "00-ab");
    attributes.put("datacontenttype", "application/json");
    RawRecord event = binary(attributes, DATA);
    assertThat(decode(event)).isInstanceOf(UserEvent.class);

    List<RecordHeader> repeated = new ArrayList<>(event.headers());
    repeated.add(header(name, "x"));
    assertRejectedHeader(repeated, "is repeated");
    for (byte[] value : new byte[][] {null, {(byte) 0xC3}, {0}}) {
      List<RecordHeader> replaced = new ArrayList<>(event.headers());
      replaced.replaceAll(
          header -> header.name().equals(name) ? new RecordHeader(name, value) : header);
      assertRejectedHeader(replaced, "not text in UTF-8");
    }
  }

  @Test
  void shouldReadTheDataContentTypeFromEitherHeaderButNotFromBoth() {
    List<RecordHeader> headers = new ArrayList<>(binary(attributes(), DATA).headers());
    headers.add(header("ce_datacontenttype", "application/json"));
    assertThat(decode(record(headers, bytes(DATA)))).isInstanceOf(UserEvent.class);
    headers.add(header("content-type", "application/json"));
    assertRejectedHeader(headers, "is repeated");
  }

  /** RFC 8259, section 8.1: a parser may ignore a byte order mark. */
  @Test
  void shouldIgnoreAByteOrderMark() {
    assertThat(decode("\ufeff" + structured(attributes()))).isInstanceOf(UserEvent.class);
    assertThat(decode(binary(attributes(), "\ufeff" + DATA))).isInstanceOf(UserEvent.class);
  }

  /** RFC 9562: any version, the nil and the max UUID, upper and lower case; no other form. */
  @ParameterizedTest
  @CsvSource({
    "00000000-0000-0000-0000-000000000000, event",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF, event",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f, event",
    "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f, BAD_VALUE",
    "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}, BAD_VALUE",
    "017f22e279b07cc398c4dc0c0c07398f, BAD_VALUE",
  })
  void shouldReadEveryUuidAsSubject(String subject, String expected) {
    Map<String, String> attributes = attributes();
    attributes.put("subject", subject);
    RawRecord record = binary(attributes, DATA);
    RawRecord withoutKey =
        new RawRecord(
            null, record.value(), record.headers(), record.timestampSource(), RECORD_MILLIS, 0);

    assertThat(outcome(decode(withoutKey))).isEqualTo(expected);
  }

  /** A key of four bytes of text is a key, and not the absence of one. */
  @ParameterizedTest
  @ValueSource(strings = {"null", "user-7", "0f8fad5bd9cb469fa16570867728950e"})
  void shouldNameTheExpectedFormOfAKeyThatIsNotTheUserId(String key) {
    RawRecord record =
        new RawRecord(
            bytes(key),
            bytes("{\"id\":\"" + USER + "\"}"),
            List.of(),
            TimestampSource.LOG_APPEND_TIME,
            RECORD_MILLIS,
            0);

    assertThat(decode(record))
        .isEqualTo(
            new Rejection(
                Rejection.Code.KEY_MISMATCH,
                "",
                "The record's key is not the event's user id (expected a 36-character UUID)"));
  }

  @Test
  void shouldNotRevealHeadersInMessages() {
    List<RecordHeader> headers = new ArrayList<>(binary(attributes(), DATA).headers());
    headers.add(new RecordHeader("ce_Ada Lovelace", null));
    headers.add(header("content-type", "Ada Lovelace"));

    assertThat(decode(record(headers, bytes(DATA))))
        .isInstanceOfSatisfying(
            Rejection.class, rejection -> assertThat(rejection.toString()).doesNotContain("Ada"));
  }

  private void assertRejectedHeader(List<RecordHeader> headers, String reason) {
    assertThat(decode(record(headers, bytes(DATA))))
        .isInstanceOfSatisfying(
            Rejection.class,
            rejection -> {
              assertThat(rejection.code()).isEqualTo(Rejection.Code.BAD_VALUE);
              assertThat(rejection.message()).contains(reason);
            });
  }

  private static String outcome(DecodeResult decoded) {
    return decoded instanceof Rejection rejection ? rejection.code().name() : "event";
  }

  private static String structured(Map<String, String> attributes) {
    return document(attributes, ",\"data\":" + DATA);
  }

  private static String document(Map<String, String> attributes, String data) {
    StringBuilder document = new StringBuilder("{");
    attributes.forEach(
        (name, value) ->
            document
                .append(document.length() == 1 ? "" : ",")
                .append('"')
                .append(name)
                .append("\":\"")
                .append(value)
                .append('"'));
    return document.append(data).append('}').toString();
  }

  private static RawRecord binary(Map<String, String> attributes, String value) {
    List<RecordHeader> headers = new ArrayList<>();
    attributes.forEach(
        (name, text) ->
            headers.add(
                header(name.equals("datacontenttype") ? "content-type" : "ce_" + name, text)));
    return record(headers, value == null ? null : bytes(value));
  }

  private static RecordHeader header(String name, String value) {
    return new RecordHeader(name, bytes(value));
  }

  private static RawRecord record(List<RecordHeader> headers, byte[] value) {
    return new RawRecord(
        bytes(USER), value, headers, TimestampSource.LOG_APPEND_TIME, RECORD_MILLIS, 0);
  }

  private DecodeResult decode(String document) {
    return decode(record(List.of(), bytes(document)));
  }

  private DecodeResult decode(RawRecord record) {
    return decoder.decode(record);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
