package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares the JSON Schema files with {@link UserField}. */
class SchemaFilesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @EnumSource(EventType.class)
  void shouldHaveTheIdThatEventsReferTo(EventType type) throws IOException {
    assertThat(schema(type).path("$id").asText()).isEqualTo(type.dataSchema());
  }

  @ParameterizedTest
  @EnumSource(names = "DELETED", mode = EnumSource.Mode.EXCLUDE)
  void shouldHaveAPropertyOfTheSameTypeForEachField(EventType type) throws IOException {
    JsonNode properties = schema(type).path("properties");
    List<String> names = new ArrayList<>();
    properties.fieldNames().forEachRemaining(names::add);

    assertThat(names)
        .containsExactlyElementsOf(UserField.data().stream().map(UserField::columnName).toList());
    for (UserField field : UserField.data()) {
      JsonNode property = properties.path(field.columnName());
      assertThat(property.path("type")).as(field.columnName()).hasToString(types(field));
      if (field.type() == CellType.DOUBLE) {
        assertThat(property.path("minimum").asDouble()).isEqualTo(-field.bound());
        assertThat(property.path("maximum").asDouble()).isEqualTo(field.bound());
      }
    }
  }

  private static String types(UserField field) {
    return field.type() == CellType.DOUBLE ? "[\"number\",\"null\"]" : "[\"string\",\"null\"]";
  }

  @Provide
  Arbitrary<UserEvent> events() {
    return Histories.events();
  }

  @Property(tries = 200)
  void shouldAcceptEveryEncodedEvent(@ForAll("events") UserEvent event) throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema(event.type()));

    assertThat(schema.validate(JSON.readTree(EventEncoder.value(event)).path("data"))).isEmpty();
  }

  private static JsonNode schema(EventType type) throws IOException {
    try (InputStream file =
        SchemaFilesTest.class.getResourceAsStream("/schemas/" + type.wireName() + ".json")) {
      return JSON.readTree(file);
    }
  }
}
