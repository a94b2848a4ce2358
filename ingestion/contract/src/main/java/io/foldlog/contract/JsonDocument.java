package io.foldlog.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;

/**
 * Reads one JSON object in UTF-8 in one pass, without a JSON tree. A repeated key is a rejection.
 */
final class JsonDocument {

  /** Receives the members of the object. */
  interface Members {

    /** Reads the parser's current value. Returns whether the value was read. */
    boolean read(String name, JsonParser parser) throws IOException;
  }

  /**
   * Interning and the limit on hash collisions are off. With either of them, the names in one
   * record could change how another record decodes.
   */
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .build();

  /** A zero byte and a schema id, before the serialised value. */
  private static final int SCHEMA_REGISTRY_FRAME_BYTES = 5;

  private JsonDocument() {}

  /** Returns the rejection if the bytes cannot be read, else null. */
  static Rejection read(byte[] bytes, Members members) {
    if (!Utf8.isWellFormedText(bytes)) {
      return notText(bytes);
    }
    try (JsonParser parser = JSON.createParser(bytes)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return new Rejection(Rejection.Code.NOT_JSON, "", "The value is blank");
      }
      if (first == JsonToken.START_OBJECT) {
        readObject(parser, members);
      } else {
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        return new Rejection(
            Rejection.Code.NOT_JSON, "", "The value holds more than one JSON document");
      }
      return first == JsonToken.START_OBJECT
          ? null
          : new Rejection(Rejection.Code.NOT_AN_EVENT, "", "The value is JSON, but not an object");
    } catch (StreamConstraintsException limitExceeded) {
      return new Rejection(
          Rejection.Code.TOO_LARGE,
          "",
          "The document exceeds a limit of the parser: depth 1,000, or the length of a number or text");
    } catch (JsonParseException malformed) {
      boolean repeated = malformed.getOriginalMessage().startsWith("Duplicate field");
      return new Rejection(
          Rejection.Code.NOT_JSON,
          "",
          (repeated ? "The document repeats a key" : "The value is not well-formed JSON")
              + " (at byte "
              + malformed.getLocation().getByteOffset()
              + ")");
    } catch (IOException malformed) {
      return new Rejection(Rejection.Code.NOT_JSON, "", "The value is not well-formed JSON");
    }
  }

  /** Reads the members of the parser's current object. */
  static void readObject(JsonParser parser, Members members) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (!members.read(name, parser)) {
        parser.skipChildren();
      }
    }
  }

  private static Rejection notText(byte[] bytes) {
    boolean isFramed =
        bytes.length > SCHEMA_REGISTRY_FRAME_BYTES
            && bytes[0] == 0
            && bytes[SCHEMA_REGISTRY_FRAME_BYTES] == '{';
    return isFramed
        ? new Rejection(
            Rejection.Code.UNSUPPORTED_FORMAT,
            "",
            "A schema registry's frame (a zero byte and a schema id) precedes the JSON: use a"
                + " serializer that writes plain JSON")
        : new Rejection(Rejection.Code.NOT_JSON, "", "The value is not text in UTF-8");
  }
}
