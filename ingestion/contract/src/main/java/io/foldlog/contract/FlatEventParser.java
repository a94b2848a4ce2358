package io.foldlog.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/**
 * The upcaster of flat events (version 0), which producers without CloudEvents send: any JSON
 * object without {@code specversion}, in a record whose headers declare no CloudEvent. It becomes a
 * {@code user.registered.v1} event of the user in {@code id}. Its other members are columns of the
 * table. The event's time follows from the record's timestamp and offset.
 */
final class FlatEventParser {

  /** The source of all flat events. */
  static final String SOURCE = "urn:foldlog:flat";

  private final FieldReader fields = new FieldReader();
  private String id;
  private boolean idIsText;
  private int unknownMembers;

  void clear() {
    fields.clear();
    id = null;
    idIsText = true;
    unknownMembers = 0;
  }

  /** Reads the value of a known member. Returns whether the value was read. */
  boolean readMember(String name, JsonParser parser) throws IOException {
    if (name.equals("id")) {
      idIsText = parser.currentToken() == JsonToken.VALUE_STRING;
      id = idIsText ? parser.getText() : null;
      return false;
    }
    UserField field = FieldReader.fieldOf(name);
    if (field == null) {
      unknownMembers++;
      return false;
    }
    if (field == UserField.POST_CODE && parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      fields.readDigits(field, parser);
    } else if (field.type() == CellType.DOUBLE && parser.currentToken() == JsonToken.VALUE_STRING) {
      fields.readDecimal(field, parser);
    } else {
      fields.read(field, parser);
    }
    return true;
  }

  /** The event, or the first reason to reject it. */
  DecodeResult event(long timeMicros) {
    if (!idIsText) {
      return new Rejection(Rejection.Code.BAD_VALUE, "id", "id is not a string");
    }
    if (id == null) {
      return new Rejection(
          Rejection.Code.MISSING_FIELD,
          "id",
          "The document has neither specversion (CloudEvent) nor id (flat event)");
    }
    Optional<UUID> userId = UserId.parse(id);
    if (userId.isEmpty()) {
      return new Rejection(Rejection.Code.BAD_VALUE, "id", "id is not a 36-character UUID");
    }
    if (fields.rejection() != null) {
      return fields.rejection();
    }
    byte[][] values = fields.takeValues();
    return new UserEvent(
        userId.get(),
        EventType.REGISTERED,
        EventId.of(SOURCE, userId.get(), EventType.REGISTERED, timeMicros, values),
        SOURCE,
        timeMicros,
        unknownMembers,
        values);
  }
}
