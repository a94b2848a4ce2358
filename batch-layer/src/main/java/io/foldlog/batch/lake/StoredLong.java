package io.foldlog.batch.lake;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.OptionalLong;

/** JSON form of an optional number. An absent number is null. */
final class StoredLong {

  private StoredLong() {}

  static final class Writer extends StdSerializer<OptionalLong> {

    private static final long serialVersionUID = 1;

    Writer() {
      super(OptionalLong.class);
    }

    @Override
    public void serialize(OptionalLong value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (value.isPresent()) {
        json.writeNumber(value.getAsLong());
      } else {
        json.writeNull();
      }
    }
  }

  /** Reads a number or null. Commits of earlier releases hold a negative number instead of null. */
  static final class Reader extends StdDeserializer<OptionalLong> {

    private static final long serialVersionUID = 1;

    Reader() {
      super(OptionalLong.class);
    }

    @Override
    public OptionalLong deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      long value = json.getLongValue();
      return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
    }

    @Override
    public OptionalLong getNullValue(DeserializationContext context) {
      return OptionalLong.empty();
    }
  }
}
