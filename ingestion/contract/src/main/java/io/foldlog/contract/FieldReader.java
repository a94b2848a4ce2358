package io.foldlog.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Reads members of a document into fields. Keeps a rejection for the first invalid value. */
final class FieldReader {

  private static final Map<String, UserField> BY_NAME = new HashMap<>();

  static {
    UserField.data().forEach(field -> BY_NAME.put(field.columnName(), field));
  }

  private byte[][] values = new byte[UserField.count()][];
  private Rejection rejection;

  /** The data field with this name, or null if there is none. */
  static UserField fieldOf(String name) {
    return BY_NAME.get(name);
  }

  void clear() {
    if (values == null) {
      values = new byte[UserField.count()][];
    } else {
      Arrays.fill(values, null);
    }
    rejection = null;
  }

  /**
   * Returns the values and transfers their ownership. May be called once after each {@link #clear}.
   */
  byte[][] takeValues() {
    byte[][] taken = values;
    values = null;
    return taken;
  }

  /** The rejection for the first invalid value, or null. */
  Rejection rejection() {
    return rejection;
  }

  /** Reads the parser's current value into the field. */
  void read(UserField field, JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    try {
      if (token == JsonToken.VALUE_NULL) {
        values[field.ordinal()] = UserEvent.cleared();
        return;
      }
      switch (field.type()) {
        case TEXT -> {
          require(token == JsonToken.VALUE_STRING, "is not a string");
          values[field.ordinal()] =
              CqlCodec.ofText(
                  parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        }
        case TIMESTAMP -> {
          require(token == JsonToken.VALUE_STRING, "is not a string");
          values[field.ordinal()] = CqlCodec.ofTimestamp(parser.getText());
        }
        case DOUBLE -> {
          require(token.isNumeric(), "is not a number");
          values[field.ordinal()] = CqlCodec.ofDecimal(field, parser.getText());
        }
        default -> throw new IllegalStateException("No event's data sets " + field);
      }
    } catch (InvalidValueException invalid) {
      parser.skipChildren();
      reject(invalid.code(), field.columnName(), invalid.getMessage());
    }
  }

  /** Reads the digits of a whole number as a text field. */
  void readDigits(UserField field, JsonParser parser) throws IOException {
    try {
      values[field.ordinal()] = CqlCodec.ofText(parser.getText());
    } catch (InvalidValueException invalid) {
      reject(invalid.code(), field.columnName(), invalid.getMessage());
    }
  }

  /** Reads decimal text as a number, which the data of a CloudEvent may not contain as text. */
  void readDecimal(UserField field, JsonParser parser) throws IOException {
    try {
      values[field.ordinal()] = CqlCodec.ofDecimal(field, parser.getText());
    } catch (InvalidValueException invalid) {
      reject(invalid.code(), field.columnName(), invalid.getMessage());
    }
  }

  void reject(Rejection.Code code, String name, String rule) {
    if (rejection == null) {
      rejection = new Rejection(code, name, name + " " + rule);
    }
  }

  private static void require(boolean holds, String rule) throws InvalidValueException {
    if (!holds) {
      throw new InvalidValueException(Rejection.Code.BAD_VALUE, rule);
    }
  }
}
