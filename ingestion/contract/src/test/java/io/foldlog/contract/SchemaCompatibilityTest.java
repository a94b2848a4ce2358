package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schemas must accept every document that they accepted when they were published, because the
 * log keeps these documents. The files in {@code published-schemas} are never changed.
 */
class SchemaCompatibilityTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DOCUMENTS = 300;

  @ParameterizedTest
  @EnumSource(EventType.class)
  void shouldAcceptDocumentsThatThePublishedSchemaAccepts(EventType type) throws IOException {
    JsonNode published = read("/published-schemas/", type);
    assertThat(rejectedDocuments(read("/schemas/", type), published)).isEmpty();
  }

  static Stream<Arguments> incompatibleChanges() {
    Map<String, Consumer<ObjectNode>> changes =
        Map.of(
            "a member is required",
            schema -> schema.putArray("required").add("email"),
            "a member may no longer be null",
            schema -> ((ObjectNode) schema.at("/properties/city")).put("type", "string"),
            "a member has another type",
            schema -> ((ObjectNode) schema.at("/properties/latitude")).put("type", "string"),
            "a range is narrower",
            schema -> ((ObjectNode) schema.at("/properties/longitude")).put("maximum", 90),
            "other members are rejected",
            schema -> schema.put("additionalProperties", false),
            "a member that could have any type is given a type",
            schema ->
                ((ObjectNode) schema.at("/properties")).putObject("other").put("type", "boolean"));
    return changes.entrySet().stream()
        .map(change -> Arguments.of(change.getKey(), change.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("incompatibleChanges")
  void shouldDetectIncompatibleChanges(String description, Consumer<ObjectNode> change)
      throws IOException {
    ObjectNode changed = (ObjectNode) read("/schemas/", EventType.UPDATED);
    change.accept(changed);
    assertThat(rejectedDocuments(changed, read("/published-schemas/", EventType.UPDATED)))
        .as(description)
        .isNotEmpty();
  }

  /** Documents that the published schema accepts and the other schema rejects. */
  private static List<JsonNode> rejectedDocuments(JsonNode schema, JsonNode published) {
    JsonSchema current = compiled(schema);
    JsonSchema previous = compiled(published);
    Random random = new Random(11);
    return IntStream.range(0, DOCUMENTS)
        .mapToObj(number -> document(published.path("properties"), random))
        .filter(document -> previous.validate(document).isEmpty())
        .filter(document -> !current.validate(document).isEmpty())
        .toList();
  }

  private static JsonNode document(JsonNode properties, Random random) {
    ObjectNode document = JSON.createObjectNode();
    properties
        .properties()
        .forEach(
            property -> {
              switch (random.nextInt(3)) {
                case 0 -> {}
                case 1 -> document.putNull(property.getKey());
                default -> document.set(property.getKey(), value(property.getValue(), random));
              }
            });
    if (random.nextBoolean()) {
      document.put("other", random.nextInt());
    }
    return document;
  }

  private static JsonNode value(JsonNode property, Random random) {
    if (property.path("type").toString().contains("number")) {
      double min = property.path("minimum").asDouble();
      double max = property.path("maximum").asDouble();
      return JSON.getNodeFactory().numberNode(min + random.nextDouble() * (max - min));
    }
    return JSON.getNodeFactory().textNode("2026-01-31T00:00:00Z");
  }

  private static JsonSchema compiled(JsonNode schema) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema);
  }

  private static JsonNode read(String folder, EventType type) throws IOException {
    String name = folder + type.wireName() + ".json";
    try (InputStream file = SchemaCompatibilityTest.class.getResourceAsStream(name)) {
      return JSON.readTree(file);
    }
  }
}
