package io.foldlog.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Parses a CloudEvents 1.0 event: in structured mode from the members of a JSON document, in any
 * order; in binary mode from the headers and the value of a record.
 */
final class CloudEventParser {

  private static final String SPEC_VERSION = "specversion";
  private static final String DATA_CONTENT_TYPE = "datacontenttype";
  private static final String DATA_BASE64 = "data_base64";
  private static final Pattern ATTRIBUTE_NAME = Pattern.compile("[a-z0-9]{1,40}");

  /** Marks an attribute that is not a string. Compared by identity. */
  @SuppressWarnings("StringOperationCanBeSimplified")
  private static final String NOT_TEXT = new String("not text");

  private final FieldReader fields = new FieldReader();
  private String specVersion;
  private String id;
  private String source;
  private String type;
  private String subject;
  private String time;
  private String dataContentType;
  private String dataBase64;
  private boolean hasData;
  private int unknownMembers;
  private Rejection headerRejection;

  void clear() {
    fields.clear();
    specVersion = null;
    id = null;
    source = null;
    type = null;
    subject = null;
    time = null;
    dataContentType = null;
    dataBase64 = null;
    hasData = false;
    unknownMembers = 0;
    headerRejection = null;
  }

  /** Whether the document has the attribute {@code specversion}. */
  boolean isRecognised() {
    return specVersion != null;
  }

  /** Reads a member of a document in structured mode. Returns whether its value was read. */
  boolean readMember(String name, JsonParser parser) throws IOException {
    switch (name) {
      case SPEC_VERSION -> {
        String text = attribute(parser);
        specVersion = text == null ? NOT_TEXT : text;
      }
      case "id", "source", "type", "subject", "time", DATA_CONTENT_TYPE ->
          setAttribute(name, attribute(parser));
      case DATA_BASE64 -> dataBase64 = attribute(parser);
      case "data" -> readData(parser);
      case "dataschema" -> {
        return false;
      }
      default -> {
        unknownMembers++;
        return false;
      }
    }
    return true;
  }

  /** The text; null for JSON null; {@link #NOT_TEXT} for every other type. */
  private static String attribute(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NULL -> null;
      default -> {
        parser.skipChildren();
        yield NOT_TEXT;
      }
    };
  }

  private void readData(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    hasData = true;
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      JsonDocument.readObject(parser, this::readDataMember);
    } else {
      parser.skipChildren();
      fields.reject(Rejection.Code.BAD_VALUE, "data", "is not an object");
    }
  }

  private boolean readDataMember(String name, JsonParser parser) throws IOException {
    UserField field = FieldReader.fieldOf(name);
    if (field == null) {
      unknownMembers++;
      return false;
    }
    fields.read(field, parser);
    return true;
  }

  /** Reads the attributes of an event in binary mode. */
  void readHeaders(List<RecordHeader> headers) {
    Set<String> names = new HashSet<>();
    for (RecordHeader header : headers) {
      String name = header.name();
      boolean isAttribute = name.startsWith(ContentMode.ATTRIBUTE_PREFIX);
      if (!isAttribute && !name.equals(ContentMode.CONTENT_TYPE)) {
        continue;
      }
      String attribute =
          isAttribute ? name.substring(ContentMode.ATTRIBUTE_PREFIX.length()) : DATA_CONTENT_TYPE;
      Optional<String> text = ContentMode.text(header);
      if (!names.add(attribute)) {
        rejectHeader(attribute, "is repeated");
      } else if (text.isEmpty()) {
        rejectHeader(attribute, "has no value, or its value is not text in UTF-8");
      } else {
        setAttribute(attribute, text.get());
      }
    }
  }

  private void setAttribute(String name, String text) {
    switch (name) {
      case SPEC_VERSION -> specVersion = text;
      case "id" -> id = text;
      case "source" -> source = text;
      case "type" -> type = text;
      case "subject" -> subject = text;
      case "time" -> time = text;
      case DATA_CONTENT_TYPE -> dataContentType = text;
      case "dataschema" -> {}
      default -> unknownMembers++;
    }
  }

  private void rejectHeader(String attribute, String rule) {
    if (headerRejection == null) {
      boolean isNameable = ATTRIBUTE_NAME.matcher(attribute).matches();
      headerRejection =
          new Rejection(
              Rejection.Code.BAD_VALUE,
              isNameable ? attribute : "",
              "The header of " + (isNameable ? attribute : "an extension attribute") + " " + rule);
    }
  }

  /**
   * Reads the value of a record in binary mode, which is the data.
   *
   * @param value or null
   * @return the rejection if the value cannot be read, else null
   */
  Rejection readValue(byte[] value) {
    if (value == null || value.length == 0) {
      return null;
    }
    boolean[] isCloudEvent = {false};
    hasData = true;
    Rejection unreadable =
        JsonDocument.read(
            value,
            (name, parser) -> {
              isCloudEvent[0] |= name.equals(SPEC_VERSION);
              return readDataMember(name, parser);
            });
    if (isCloudEvent[0]) {
      return new Rejection(
          Rejection.Code.BAD_VALUE,
          SPEC_VERSION,
          "The record is a CloudEvent in binary mode (header ce_specversion), and its value is a"
              + " CloudEvent too: set content-type to "
              + EventEncoder.CONTENT_TYPE
              + ", or send only the data as the value");
    }
    // a deletion has no data, and what it has all the same is ignored
    return isDeletion() || !isJson() ? null : unreadable;
  }

  private boolean isDeletion() {
    return EventType.DELETED.wireName().equals(type);
  }

  private boolean isJson() {
    return dataContentType == null
        || MediaType.isJson(MediaType.withoutParameters(dataContentType));
  }

  /**
   * The event, or the first reason to reject it.
   *
   * @param placeMicros the time of an event without {@code time}
   */
  @SuppressWarnings("ReferenceEquality")
  DecodeResult event(long placeMicros) {
    if (headerRejection != null) {
      return headerRejection;
    }
    if (specVersion == null) {
      return new Rejection(
          Rejection.Code.MISSING_FIELD, SPEC_VERSION, "specversion is absent from the CloudEvent");
    }
    if (specVersion == NOT_TEXT) {
      return notText(SPEC_VERSION);
    }
    if (!specVersion.equals("1.0")) {
      return new Rejection(
          Rejection.Code.UNKNOWN_TYPE,
          SPEC_VERSION,
          "specversion is not 1.0, the only supported version");
    }
    Rejection rejection = checkAttribute("type", type);
    if (rejection != null) {
      return rejection;
    }
    Optional<EventType> known = EventType.ofWireName(type);
    if (known.isEmpty()) {
      return new Rejection(
          Rejection.Code.UNKNOWN_TYPE, "type", "type is not supported by this release");
    }
    rejection = checkAttribute("id", id);
    rejection = rejection != null ? rejection : checkAttribute("source", source);
    rejection = rejection != null ? rejection : checkAttribute("subject", subject);
    rejection = rejection != null || time == null ? rejection : checkAttribute("time", time);
    if (rejection != null) {
      return rejection;
    }
    Optional<UUID> userId = UserId.parse(subject);
    if (userId.isEmpty()) {
      return new Rejection(
          Rejection.Code.BAD_VALUE, "subject", "subject is not a 36-character UUID");
    }
    long timeMicros = time == null ? placeMicros : Rfc3339.parseMicros(time);
    if (timeMicros == Rfc3339.INVALID) {
      return new Rejection(
          Rejection.Code.BAD_VALUE,
          "time",
          "time is not an RFC 3339 time, such as 2024-01-31T12:00:00.123456Z");
    }
    if (known.get() == EventType.DELETED) {
      return new UserEvent(
          userId.get(), EventType.DELETED, id, source, timeMicros, unknownMembers, empty());
    }
    rejection = checkData();
    if (rejection != null) {
      return rejection;
    }
    return new UserEvent(
        userId.get(), known.get(), id, source, timeMicros, unknownMembers, fields.takeValues());
  }

  /** Checks the data, after {@code data_base64} is decoded. */
  @SuppressWarnings("ReferenceEquality")
  private Rejection checkData() {
    if (dataContentType == NOT_TEXT) {
      return notText(DATA_CONTENT_TYPE);
    }
    if (!isJson()) {
      return new Rejection(
          Rejection.Code.UNSUPPORTED_FORMAT,
          DATA_CONTENT_TYPE,
          "Data content type "
              + MediaType.forMessage(MediaType.withoutParameters(dataContentType))
              + " is not supported, only JSON");
    }
    if (dataBase64 != null) {
      if (hasData) {
        return new Rejection(
            Rejection.Code.BAD_VALUE, DATA_BASE64, "The event has both data and data_base64");
      }
      Rejection rejection = readDataBase64();
      if (rejection != null) {
        return rejection;
      }
    }
    return hasData
        ? fields.rejection()
        : new Rejection(Rejection.Code.MISSING_FIELD, "data", "data is absent");
  }

  @SuppressWarnings("ReferenceEquality")
  private Rejection readDataBase64() {
    if (dataBase64 == NOT_TEXT) {
      return notText(DATA_BASE64);
    }
    byte[] data;
    try {
      data = Base64.getDecoder().decode(dataBase64);
    } catch (IllegalArgumentException invalid) {
      return new Rejection(
          Rejection.Code.BAD_VALUE, DATA_BASE64, "data_base64 is not Base64 text (RFC 4648)");
    }
    hasData = true;
    Rejection unreadable = JsonDocument.read(data, this::readDataMember);
    return unreadable == null
        ? null
        : new Rejection(
            unreadable.code() == Rejection.Code.NOT_AN_EVENT
                ? Rejection.Code.BAD_VALUE
                : unreadable.code(),
            DATA_BASE64,
            "Decoded data_base64: " + unreadable.message());
  }

  private static byte[][] empty() {
    return new byte[UserField.count()][];
  }

  @SuppressWarnings("ReferenceEquality")
  private static Rejection checkAttribute(String name, String text) {
    if (text == null) {
      return new Rejection(Rejection.Code.MISSING_FIELD, name, name + " is absent");
    }
    if (text == NOT_TEXT) {
      return notText(name);
    }
    try {
      CqlCodec.requireVerbatim(text);
      return null;
    } catch (InvalidValueException invalid) {
      return new Rejection(invalid.code(), name, name + " " + invalid.getMessage());
    }
  }

  private static Rejection notText(String name) {
    return new Rejection(Rejection.Code.BAD_VALUE, name, name + " is not a string");
  }
}
