package io.foldlog.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes an event as one CloudEvents 1.0 JSON document in structured mode. The same event gives the
 * same bytes, and decoding them gives the same event.
 */
public final class EventEncoder {

  /** The media type of the documents, for the record's {@code content-type} header. */
  public static final String CONTENT_TYPE = "application/cloudevents+json";

  private static final JsonFactory JSON = new JsonFactory();

  private EventEncoder() {}

  /** The record's key: the user id, lower case. */
  public static byte[] key(UserEvent event) {
    return event.userId().toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** The record's value. */
  public static byte[] value(UserEvent event) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("specversion", "1.0");
      json.writeStringField("id", event.id());
      json.writeStringField("source", event.source());
      json.writeStringField("type", event.type().wireName());
      json.writeStringField("subject", event.userId().toString());
      json.writeStringField("time", Rfc3339.formatMicros(event.timeMicros()));
      json.writeStringField("dataschema", event.type().dataSchema());
      if (!event.isDeletion()) {
        json.writeObjectFieldStart("data");
        for (UserField field : UserField.data()) {
          if (event.isCleared(field)) {
            json.writeNullField(field.columnName());
          } else if (event.isSet(field)) {
            json.writeFieldName(field.columnName());
            write(json, field, event.value(field));
          }
        }
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException("Writing to memory", impossible);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, UserField field, byte[] value) throws IOException {
    switch (field.type()) {
      case TEXT -> json.writeString(new String(value, StandardCharsets.UTF_8));
      case TIMESTAMP -> json.writeString(Rfc3339.formatMillis(ByteBuffer.wrap(value).getLong()));
      case DOUBLE -> json.writeNumber(ByteBuffer.wrap(value).getDouble());
      case BIGINT -> json.writeNumber(ByteBuffer.wrap(value).getLong());
    }
  }
}
