package io.foldlog.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** Parses a CloudEvents 1.0 event. Reads the members of the document in any order. */
final class CloudEventParser {

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
  private boolean hasData;
  private int unknownMembers;

  void clear() {
    fields.clear();
    specVersion = null;
    id = null;
    source = null;
    type = null;
    subject = null;
    time = null;
    hasData = false;
    unknownMembers = 0;
  }

  /** Whether the document has the attribute {@code specversion}. */
  boolean isRecognised() {
    return specVersion != null;
  }

  /** Reads the value of a known member. Returns whether the member is known. */
  boolean read(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "specversion" -> {
        String text = attribute(parser);
        specVersion = text == null ? NOT_TEXT : text;
      }
      case "id" -> id = attribute(parser);
      case "source" -> source = attribute(parser);
      case "type" -> type = attribute(parser);
      case "subject" -> subject = attribute(parser);
      case "time" -> time = attribute(parser);
      case "data" -> readData(parser);
      case "dataschema", "datacontenttype" -> {
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
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      fields.reject(Rejection.Code.BAD_VALUE, "data", "is not an object");
      return;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      UserField field = FieldReader.fieldOf(parser.currentName());
      parser.nextToken();
      if (field == null) {
        unknownMembers++;
        parser.skipChildren();
      } else {
        fields.read(field, parser);
      }
    }
  }

  /** The event, or the first reason to reject it. */
  @SuppressWarnings("ReferenceEquality")
  DecodeResult event() {
    if (specVersion == NOT_TEXT) {
      return notText("specversion");
    }
    if (!specVersion.equals("1.0")) {
      return new Rejection(
          Rejection.Code.UNKNOWN_TYPE,
          "specversion",
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
    rejection = rejection != null ? rejection : checkAttribute("time", time);
    if (rejection != null) {
      return rejection;
    }
    Optional<UUID> userId = UserId.parse(subject);
    if (userId.isEmpty()) {
      return new Rejection(
          Rejection.Code.BAD_VALUE, "subject", "subject is not a 36-character UUID");
    }
    long timeMicros = Rfc3339.parseMicros(time, Rfc3339.Form.EVENT_TIME);
    if (timeMicros == Rfc3339.INVALID) {
      return new Rejection(
          Rejection.Code.BAD_VALUE,
          "time",
          "time is not an RFC 3339 time that ends in Z, with at most 6 fraction digits");
    }
    if (known.get() == EventType.DELETED) {
      return new UserEvent(
          userId.get(), EventType.DELETED, id, source, timeMicros, unknownMembers, empty());
    }
    if (!hasData) {
      return new Rejection(Rejection.Code.MISSING_FIELD, "data", "data is absent");
    }
    if (fields.rejection() != null) {
      return fields.rejection();
    }
    return new UserEvent(
        userId.get(), known.get(), id, source, timeMicros, unknownMembers, fields.takeValues());
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
