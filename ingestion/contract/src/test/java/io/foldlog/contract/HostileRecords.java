package io.foldlog.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Generates records as a broken or hostile producer may send them: valid events of every format
 * with mutations of JSON, CloudEvents attributes, Unicode, keys and headers. About half of the
 * records are still valid events. The same seed generates the same records. For one thread.
 */
public final class HostileRecords {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long FIRST_MICROS =
      Instant.parse("2001-01-01T00:00:00Z").toEpochMilli() * 1000;
  private static final long YEAR_MICROS = 365L * 24 * 60 * 60 * 1_000_000;

  private static final List<String> GOLDEN =
      List.of(
          "v0/leading-zero-and-absent",
          "v0/producer-of-old",
          "v1/deleted",
          "v1/registered-whole",
          "v1/rejected-repeated-key",
          "v1/rejected-unknown-version",
          "v1/updated-null-blank-absent");
  private static final List<JsonNode> DOCUMENTS =
      GOLDEN.stream().map(HostileRecords::read).toList();

  private static final String[] NUMBERS = {
    "0",
    "-0",
    "-0.0",
    "1e999999999",
    "-1E+999999999",
    "1e-999999999",
    "1e999",
    "0.1e-400",
    "18446744073709551616",
    "-90",
    "90.00000000000001",
    "180",
    "1E2",
    "12.50",
    "NaN",
    "+1",
    "01",
    ".5",
    "1.",
    "0x1F",
    "9".repeat(999),
    "9".repeat(1_000),
    "9".repeat(1_001),
    "9".repeat(20_000),
    "0." + "3".repeat(998),
    "1" + "0".repeat(400)
  };
  private static final String[] TIMES = {
    "2024-02-29T12:00:00Z",
    "2023-02-29T12:00:00Z",
    "2000-01-01T00:00:00Z",
    "1999-12-31T23:59:59.999999Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "2024-01-01T23:59:60Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01t00:00:00z",
    "2024-01-01T00:00:00+00:00",
    "2024-01-01T00:00:00-23:59",
    "2024-01-01T00:00:00.123456Z",
    "2024-01-01T00:00:00.1234567Z",
    "2024-01-01T00:00:00.Z",
    "2024-01-01T00:00:00,5Z",
    "2024-01-01",
    "2024-01-01 00:00:00Z",
    " 2024-01-01T00:00:00Z",
    "2100-01-01T00:00:00Z",
    "٢٠٢٤-01-01T00:00:00Z",
    "1969-12-31T23:59:59.9995Z",
    ""
  };
  private static final String[] OTHER_TYPES = {
    "user.registered.v2",
    "user.moved.v1",
    "USER.REGISTERED.V1",
    " user.updated.v1",
    "",
    "user.deleted.v1",
    "user.updated.v1",
    "user.registered.v1"
  };
  private static final String[] VERSIONS = {
    "\"1.0\"", "1.0", "\"0.3\"", "\"1.0.0\"", "null", "\"\"", "{}"
  };
  private static final String[] BAD_UTF8 = {
    "C080", "EDA080", "EDB080", "F4908080", "F8888080", "FF", "FE", "C3", "E282", "80", "00", "FEFF"
  };
  private static final String[] CONTENT_TYPES = {
    "application/json; charset=UTF-8",
    "Application/JSON",
    "text/json",
    "application/vnd.user+json",
    "application/cloudevents+json",
    "APPLICATION/CloudEvents+JSON;charset=utf-8",
    "application/cloudevents-batch+json",
    "application/cloudevents+avro",
    "application/avro",
    "text/plain",
    "json",
    ""
  };
  private static final int[] DEPTHS = {1, 2, 20, 990, 999, 1_000, 1_001, 1_100, 20_000};
  private static final int[] LENGTHS = {
    255, 341, 342, 511, 512, 513, 1_023, 1_024, 1_025, 3_072, 3_073, 40_000
  };

  private final Random random;
  private final int users;
  private final int maxBytes;

  /**
   * A record for the log.
   *
   * @param key or null
   * @param value or null
   */
  public record HostileRecord(byte[] key, byte[] value, List<RecordHeader> headers) {}

  /** A member of an object. The value is raw JSON, or the list of members of a nested object. */
  private record Member(String name, Object value) {}

  /**
   * Starts the sequence.
   *
   * @param users the number of users of the events
   * @param maxBytes the approximate maximum size of a record; some records are near it, and some
   *     above it
   */
  public HostileRecords(long seed, int users, int maxBytes) {
    this.random = new Random(seed);
    this.users = users;
    this.maxBytes = maxBytes;
  }

  /** The next record. */
  public HostileRecord next() {
    UUID user = new UUID(0x4000L, 0x8000_0000_0000_0000L | random.nextInt(users));
    int mode = random.nextInt(10);
    if (mode < 2) {
      ObjectNode event = structured(user);
      JsonNode data = event.remove("data");
      byte[] value = data == null ? null : value(random.nextInt(30) == 0 ? event : data);
      return new HostileRecord(key(user), value, attributeHeaders(event));
    }
    if (mode < 5) {
      return new HostileRecord(
          key(user), value(flat(user)), random.nextInt(4) == 0 ? headers() : List.of());
    }
    JsonNode document = random.nextInt(7) == 0 ? pick(DOCUMENTS) : structured(user);
    return new HostileRecord(key(user), value(document), headers());
  }

  private byte[] value(JsonNode event) {
    int kind = random.nextInt(1_000);
    if (kind < 10) {
      return null;
    }
    if (kind < 20) {
      return new byte[0];
    }
    if (kind < 30) {
      return randomBytes(random.nextInt(200));
    }
    List<Member> document = members(event);
    if (kind < 31) {
      document.add(new Member("ballast", quoted(largeText())));
    }
    for (int count = mutationCount(); count > 0; count--) {
      mutate(document);
    }
    byte[] bytes = text(document).getBytes(StandardCharsets.UTF_8);
    return random.nextInt(6) == 0 ? corrupted(bytes) : bytes;
  }

  /** The number of mutations. Mostly 0 or 1, so that many records stay valid events. */
  private int mutationCount() {
    int roll = random.nextInt(10);
    return roll < 3 ? 0 : roll < 7 ? 1 : roll < 9 ? 2 : 5;
  }

  private ObjectNode structured(UUID user) {
    try {
      return (ObjectNode) JSON.readTree(EventEncoder.value(event(user)));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private JsonNode flat(UUID user) {
    JsonNode known = DOCUMENTS.get(1);
    return known
        .<ObjectNode>deepCopy()
        .put("id", user.toString())
        .put("username", "user" + random.nextInt(1_000))
        .put("post_code", random.nextInt(100_000));
  }

  private UserEvent event(UUID user) {
    EventType type =
        random.nextInt(8) == 0 ? EventType.DELETED : EventType.values()[random.nextInt(2)];
    long step = random.nextInt(4) == 0 ? YEAR_MICROS : 1; // few times, so that some are equal
    TestEvents.Builder event = TestEvents.of(type, user, FIRST_MICROS + random.nextInt(20) * step);
    if (type != EventType.DELETED) {
      for (UserField field : UserField.data()) {
        put(event, field);
      }
    }
    return event.build();
  }

  private void put(TestEvents.Builder event, UserField field) {
    int choice = random.nextInt(6);
    if (choice == 0) {
      event.cleared(field);
    } else if (choice < 4) {
      event.set(
          field,
          switch (field.type()) {
            case TEXT -> field.columnName() + random.nextInt(50);
            case TIMESTAMP -> "19" + (10 + random.nextInt(90)) + "-07-01T12:00:00Z";
            case DOUBLE -> Double.toString(random.nextInt(180) / 2.0 - 45);
            case BIGINT -> throw new IllegalStateException("No event sets " + field);
          });
    }
  }

  /** Applies one mutation to the document. */
  private void mutate(List<Member> document) {
    List<Member> object = anyObject(document);
    if (object.isEmpty()) {
      object.add(new Member(anyName(), anyValue()));
      return;
    }
    int at = random.nextInt(object.size());
    Member member = object.get(at);
    switch (random.nextInt(16)) {
      case 0 -> object.remove(at);
      case 1 ->
          object.add(
              random.nextInt(object.size()),
              // as text: an object that is used twice could later contain itself
              new Member(member.name(), random.nextBoolean() ? text(member.value()) : anyValue()));
      case 2 -> object.set(at, new Member(member.name(), anyValue()));
      case 3 -> object.set(at, new Member(member.name(), nested(text(member.value()))));
      case 4 -> object.set(at, new Member(member.name(), quoted(longText())));
      case 5 -> object.set(at, new Member(member.name(), pick(NUMBERS)));
      case 6 -> object.set(at, new Member(member.name(), quoted(unicode(random.nextInt(20)))));
      case 7 -> object.set(at, new Member(anyName(), member.value()));
      case 8 -> anyObject(document).add(object.remove(at));
      case 9 -> Collections.shuffle(object, random);
      case 10, 11 ->
          object.add(random.nextInt(object.size() + 1), new Member(anyName(), anyValue()));
      case 12 ->
          setAny(object, List.of("time", "dob", "registered_date"), () -> quoted(pick(TIMES)));
      case 13 -> setAny(object, List.of("subject", "id"), () -> quoted(oddId()));
      case 14 ->
          setAny(
              object,
              List.of("type", "specversion"),
              () -> random.nextBoolean() ? quoted(pick(OTHER_TYPES)) : pick(VERSIONS));
      default -> setAny(object, List.of("latitude", "longitude", "post_code"), () -> pick(NUMBERS));
    }
  }

  private void setAny(List<Member> object, List<String> names, Supplier<String> value) {
    String name = pick(names);
    object.replaceAll(
        member -> member.name().equals(name) ? new Member(name, value.get()) : member);
  }

  @SuppressWarnings("unchecked")
  private List<Member> anyObject(List<Member> document) {
    for (Member member : document) {
      if (member.value() instanceof List<?> inner && random.nextBoolean()) {
        return (List<Member>) inner;
      }
    }
    return document;
  }

  private String anyName() {
    return switch (random.nextInt(6)) {
      case 0 -> pick(UserField.all()).columnName();
      case 1 -> pick(List.of("id", "type", "time", "data", "subject", "specversion", "source"));
      case 2 -> pick(UserField.all()).columnName().toUpperCase(Locale.ROOT);
      case 3 -> unicode(random.nextInt(6));
      case 4 -> "x".repeat(pick(LENGTHS));
      default -> "extension" + random.nextInt(1_000);
    };
  }

  private String anyValue() {
    return switch (random.nextInt(9)) {
      case 0 -> "null";
      case 1 -> random.nextBoolean() ? "true" : "false";
      case 2 -> "{}";
      case 3 -> "[]";
      case 4 -> pick(NUMBERS);
      case 5 -> quoted(" \u2003\t");
      case 6 -> "[1,{\"a\":null,\"b\":[\"c\"]}]";
      case 7 -> quoted(pick(TIMES));
      default -> quoted(unicode(random.nextInt(12)));
    };
  }

  private String nested(String inner) {
    int depth = pick(DEPTHS);
    return random.nextBoolean()
        ? "[".repeat(depth) + inner + "]".repeat(random.nextInt(10) == 0 ? depth - 1 : depth)
        : "{\"a\":".repeat(depth) + inner + "}".repeat(depth);
  }

  private String longText() {
    int length = pick(LENGTHS);
    return switch (random.nextInt(6)) {
      case 0 -> "x".repeat(length);
      case 1 -> "é".repeat(length / 2);
      case 2 -> "e\u0301".repeat(length / 2);
      case 3 -> "\uD83D\uDE00".repeat(length / 4) + "x".repeat(length % 4);
      case 4 -> "a" + "\u0301".repeat(length / 4) + "\u0323".repeat(length / 4);
      default -> "x" + " ".repeat(length) + "x ";
    };
  }

  /** Text of all Unicode planes, with control characters, combining marks and lone surrogates. */
  private String unicode(int length) {
    StringBuilder text = new StringBuilder();
    for (int index = 0; index < length; index++) {
      switch (random.nextInt(8)) {
        case 0 ->
            text.append(pick(List.of("\uFEFF", "\u202E", "\u200D", "\uFFFE", "\u0085", "\u00A0")));
        case 1 -> text.append((char) random.nextInt(0x20));
        case 2 -> text.append((char) (0x300 + random.nextInt(0x70)));
        case 3 ->
            text.append(random.nextInt(12) == 0 ? (char) (0xD800 + random.nextInt(0x800)) : 'ß');
        case 4 -> text.append((char) (0xAC00 + random.nextInt(11_172)));
        case 5 -> text.append((char) ('a' + random.nextInt(26)));
        default -> text.appendCodePoint(random.nextInt(17) << 16 | random.nextInt(0xD7FF));
      }
    }
    return text.toString();
  }

  private String oddId() {
    String id = new UUID(random.nextLong(), random.nextLong()).toString();
    return switch (random.nextInt(9)) {
      case 0 -> id.toUpperCase(Locale.ROOT);
      case 1 -> "{" + id + "}";
      case 2 -> "urn:uuid:" + id;
      case 3 -> id.replace("-", "");
      case 4 -> id + " ";
      case 5 -> id.replace('a', 'g').replace('1', '１');
      case 6 -> "00000000-0000-0000-0000-000000000000";
      case 7 -> "1-1-1-1-1";
      default -> id;
    };
  }

  /** Incompressible text near the maximum size, or compressible text far above it. */
  private String largeText() {
    if (random.nextInt(3) == 0) {
      return "x".repeat(maxBytes * (1 + random.nextInt(20)));
    }
    byte[] text = randomBytes(Math.max(0, maxBytes - 2_000 + random.nextInt(3_000)));
    for (int index = 0; index < text.length; index++) {
      int character = '#' + (text[index] & 0x3F);
      text[index] = (byte) (character == '\\' ? '~' : character);
    }
    return new String(text, StandardCharsets.US_ASCII);
  }

  /** The document with one corruption of its bytes. */
  private byte[] corrupted(byte[] bytes) {
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> joined(bytes, bytes);
      case 2 -> joined(bytes, "\n".getBytes(StandardCharsets.UTF_8), bytes);
      case 3 -> joined("\uFEFF".getBytes(StandardCharsets.UTF_8), bytes);
      case 4 ->
          joined(
              " \r\n\t".getBytes(StandardCharsets.UTF_8),
              bytes,
              " \n".getBytes(StandardCharsets.UTF_8));
      case 5 -> new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16);
      case 6 ->
          joined(
              Arrays.copyOf(bytes, at),
              HexFormat.of().parseHex(pick(BAD_UTF8)),
              Arrays.copyOfRange(bytes, at, bytes.length));
      case 7 ->
          joined(
              Arrays.copyOf(bytes, at),
              Arrays.copyOfRange(
                  bytes, Math.min(bytes.length, at + 1 + random.nextInt(20)), bytes.length));
      default -> flipped(bytes);
    };
  }

  private byte[] flipped(byte[] bytes) {
    byte[] flipped = bytes.clone();
    for (int count = 1 + random.nextInt(3); count > 0 && flipped.length > 0; count--) {
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return flipped;
  }

  private byte[] key(UUID user) {
    String id = user.toString();
    return switch (random.nextInt(40)) {
      case 0, 1, 2 -> null;
      case 3, 4 -> new byte[0];
      case 5 -> bytes(new UUID(random.nextLong(), random.nextLong()).toString());
      case 6 -> randomBytes(random.nextInt(60));
      case 7 -> bytes(id.toUpperCase(Locale.ROOT));
      case 8 -> bytes(id + "\n");
      case 9 -> random.nextInt(20) == 0 ? randomBytes(5_000) : bytes(id.replace("-", ""));
      default -> bytes(id);
    };
  }

  /** The attributes as headers of a record in binary mode, often with a mutation. */
  private List<RecordHeader> attributeHeaders(JsonNode attributes) {
    List<RecordHeader> headers = new ArrayList<>();
    headers.add(new RecordHeader("content-type", bytes("application/json")));
    attributes
        .properties()
        .forEach(
            attribute ->
                headers.add(
                    new RecordHeader(
                        "ce_" + attribute.getKey(), bytes(attribute.getValue().asText()))));
    int at = random.nextInt(headers.size());
    RecordHeader header = headers.get(at);
    switch (random.nextInt(20)) {
      case 0 -> headers.remove(at);
      case 1 -> headers.add(header);
      case 2 -> headers.set(at, new RecordHeader(header.name(), null));
      case 3 -> headers.set(at, new RecordHeader(header.name(), randomBytes(20)));
      case 4 -> headers.set(0, new RecordHeader("content-type", bytes(pick(CONTENT_TYPES))));
      case 5 -> headers.add(new RecordHeader("ce_" + unicodeName(), randomBytes(8)));
      case 6 -> headers.set(at, new RecordHeader(header.name(), bytes(unicode(20))));
      case 7, 8 -> {
        headers.removeIf(other -> other.name().equals("ce_time"));
        headers.add(new RecordHeader("ce_time", bytes(pick(TIMES))));
      }
      case 9 -> headers.removeIf(other -> other.name().equals("ce_time"));
      default -> {}
    }
    return headers;
  }

  private List<RecordHeader> headers() {
    RecordHeader right = new RecordHeader("content-type", bytes(EventEncoder.CONTENT_TYPE));
    return switch (random.nextInt(12)) {
      case 0 -> List.of();
      case 1 -> List.of(new RecordHeader("content-type", bytes(pick(CONTENT_TYPES))));
      case 2 -> List.of(new RecordHeader("content-type", null), right);
      case 3 ->
          List.of(
              right,
              new RecordHeader("", new byte[0]),
              new RecordHeader(unicodeName(), randomBytes(40)));
      case 4 -> Collections.nCopies(random.nextInt(60), new RecordHeader("trace", randomBytes(8)));
      case 5 ->
          List.of(
              new RecordHeader("foldlog-code", bytes("NOT_JSON")),
              new RecordHeader("foldlog-offset", bytes("0")));
      default -> List.of(right);
    };
  }

  private String unicodeName() {
    return "\uD83D\uDE00é" + random.nextInt(100);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] joined(byte[]... parts) {
    byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** Encodes the text as a JSON string, sometimes with every character escaped. */
  private String quoted(String text) {
    if (random.nextInt(4) > 0) {
      return TextNode.valueOf(text).toString();
    }
    HexFormat hex = HexFormat.of();
    StringBuilder escaped = new StringBuilder("\"");
    text.chars().forEach(unit -> escaped.append("\\u").append(hex.toHexDigits((char) unit)));
    return escaped.append('"').toString();
  }

  private static List<Member> members(JsonNode document) {
    List<Member> members = new ArrayList<>();
    document
        .properties()
        .forEach(
            entry ->
                members.add(
                    new Member(
                        entry.getKey(),
                        entry.getValue().isObject()
                            ? members(entry.getValue())
                            : entry.getValue().toString())));
    return members;
  }

  @SuppressWarnings("unchecked")
  private String text(Object value) {
    if (value instanceof String raw) {
      return raw;
    }
    StringBuilder text = new StringBuilder("{");
    for (Member member : (List<Member>) value) {
      text.append(text.length() == 1 ? "" : ",")
          .append(TextNode.valueOf(member.name()))
          .append(':')
          .append(text(member.value()));
    }
    return text.append('}').toString();
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private String pick(String[] choices) {
    return choices[random.nextInt(choices.length)];
  }

  private int pick(int[] choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static JsonNode read(String golden) {
    try (InputStream file =
        HostileRecords.class.getResourceAsStream("/golden/" + golden + ".json")) {
      return JSON.readTree(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
