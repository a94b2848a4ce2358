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
 * Whatever the schemas accepted when they were published (the files of {@code published-schemas},
 * which nobody changes) they accept now: the log keeps it for ever.
 */
class SchemaCompatibilityTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DOCUMENTS = 300;

  @ParameterizedTest
  @EnumSource(EventType.class)
  void shouldAcceptWhatWasAcceptedWhenItWasPublished(EventType type) throws IOException {
    JsonNode published = read("/published-schemas/", type);
    assertThat(refusedBy(read("/schemas/", type), published)).isEmpty();
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
            "other members are refused",
            schema -> schema.put("additionalProperties", false),
            "a member that others may have written as they liked is given a type",
            schema ->
                ((ObjectNode) schema.at("/properties")).putObject("other").put("type", "boolean"));
    return changes.entrySet().stream()
        .map(change -> Arguments.of(change.getKey(), change.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("incompatibleChanges")
  void shouldNoticeAnIncompatibleChange(String what, Consumer<ObjectNode> change)
      throws IOException {
    ObjectNode changed = (ObjectNode) read("/schemas/", EventType.UPDATED);
    change.accept(changed);
    assertThat(refusedBy(changed, read("/published-schemas/", EventType.UPDATED)))
        .as(what)
        .isNotEmpty();
  }

  /** Documents that one schema accepts and the other does not. */
  private static List<JsonNode> refusedBy(JsonNode schema, JsonNode published) {
    JsonSchema now = compiled(schema);
    JsonSchema then = compiled(published);
    Random random = new Random(11);
    return IntStream.range(0, DOCUMENTS)
        .mapToObj(number -> document(published.path("properties"), random))
        .filter(document -> then.validate(document).isEmpty())
        .filter(document -> !now.validate(document).isEmpty())
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
      double least = property.path("minimum").asDouble();
      double most = property.path("maximum").asDouble();
      return JSON.getNodeFactory().numberNode(least + random.nextDouble() * (most - least));
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
