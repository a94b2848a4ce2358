package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * The decoder accepts the data that the published schema accepts, and no other data. JSON Schema
 * cannot state the size of text in bytes. The schemas state times as a pattern, because validators
 * treat the format {@code date-time} differently.
 */
class SchemaAgreementTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JSON.getNodeFactory();
  private static final long RECORD_MILLIS = 1_704_067_200_000L;
  private static final Map<EventType, JsonNode> SCHEMAS = new EnumMap<>(EventType.class);
  private static final Map<EventType, JsonSchema> VALIDATORS = new EnumMap<>(EventType.class);

  static {
    for (EventType type : EventType.values()) {
      SCHEMAS.put(type, read(type));
      VALIDATORS.put(
          type,
          JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(SCHEMAS.get(type)));
    }
  }

  private static final List<String> TEXTS =
      List.of(
          "", " ", "\u00a0\u3000", "Bern", "日本 \uD83D\uDE00", "a\u0000b", "\n", "x".repeat(1_025));

  /** Without leap seconds, whose rule a pattern cannot state. */
  private static final List<String> TIMES =
      List.of(
          "1992-02-07T17:56:13.316Z",
          "1992-02-07t17:56:13z",
          "1992-02-07T17:56:13.1234567891+23:59",
          "1992-02-07T17:56:13-00:00",
          "0001-01-01T00:00:00Z",
          "9999-12-31T23:59:59.999Z",
          "1992-02-30T00:00:00Z",
          "1900-02-29T00:00:00Z",
          "2000-02-29T00:00:00Z",
          "1992-02-07T24:00:00Z",
          "1992-02-07T17:60:00Z",
          "1992-02-07T17:56Z",
          "1992-02-07 17:56:13Z",
          "1992-02-07T17:56:13",
          "1992-02-07T17:56:13.Z",
          "1992-02-07T17:56:13,5Z",
          "1992-02-07T17:56:13+0100",
          "1992-02-07T17:56:13+24:00",
          "1992-02-07",
          "19920207T175613Z",
          "yesterday",
          " 1992-02-07T17:56:13Z");

  private static int accepted;
  private static int rejected;

  @Property(tries = 3_000)
  void shouldAcceptWhatTheSchemaAcceptsAndNothingElse(@ForAll EventType type, @ForAll Random random)
      throws IOException {
    JsonNode data = data(SCHEMAS.get(type), random);
    ObjectNode event = JSON.createObjectNode();
    event.put("specversion", "1.0").put("id", "1").put("source", "urn:test");
    event.put("type", type.wireName()).put("subject", TestEvents.user(1).toString());
    event.set("data", data);

    DecodeResult decoded =
        new EventDecoder(EventDecoder.CreateTime.REJECT)
            .decode(TestEvents.rawRecord(null, JSON.writeValueAsBytes(event), RECORD_MILLIS));

    boolean isValid = VALIDATORS.get(type).validate(data).isEmpty();
    if (isValid && decoded instanceof Rejection rejection) {
      assertThat(rejection.code())
          .as("%s: %s", rejection, data)
          .isEqualTo(Rejection.Code.TOO_LARGE);
    } else {
      assertThat(decoded instanceof UserEvent).as("%s: %s", decoded, data).isEqualTo(isValid);
    }
    if (isValid) {
      accepted++;
    } else {
      rejected++;
    }
  }

  @AfterContainer
  static void checkBothOutcomesOccurred() {
    assertThat(accepted).as("valid documents").isGreaterThan(500);
    assertThat(rejected).as("invalid documents").isGreaterThan(500);
  }

  /** Data with some members of the schema. Most members are valid. */
  private static JsonNode data(JsonNode schema, Random random) {
    if (random.nextInt(40) == 0) {
      return anyValue(random);
    }
    ObjectNode data = JSON.createObjectNode();
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              if (random.nextInt(4) == 0) {
                data.set(property.getKey(), value(property.getValue(), random));
              }
            });
    if (random.nextInt(5) == 0) {
      data.set("other", anyValue(random));
    }
    return data;
  }

  private static JsonNode value(JsonNode property, Random random) {
    int choice = random.nextInt(25);
    if (choice == 0) {
      return anyValue(random);
    }
    if (choice < 4) {
      return NODES.nullNode();
    }
    if (property.path("type").toString().contains("number")) {
      double max = property.path("maximum").asDouble();
      double value = (random.nextDouble() * 2 - 1) * max * (random.nextInt(20) == 0 ? 2 : 1);
      return switch (random.nextInt(6)) {
        case 0 -> NODES.numberNode((long) value);
        case 1 -> NODES.numberNode(max);
        case 2 -> NODES.numberNode(-0.0);
        default -> NODES.numberNode(value);
      };
    }
    if (property.path("pattern").asText().contains("[Tt]")) {
      int time = random.nextInt(3 * TIMES.size());
      return NODES.textNode(time < TIMES.size() ? TIMES.get(time) : TIMES.get(time % 6));
    }
    return NODES.textNode(
        random.nextInt(12) == 0
            ? TEXTS.get(random.nextInt(TEXTS.size()))
            : "text " + random.nextInt(100));
  }

  private static JsonNode anyValue(Random random) {
    return switch (random.nextInt(7)) {
      case 0 -> NODES.booleanNode(true);
      case 1 -> NODES.numberNode(random.nextInt());
      case 2 -> NODES.numberNode(1e300);
      case 3 -> NODES.textNode(TEXTS.get(random.nextInt(TEXTS.size())));
      case 4 -> NODES.arrayNode().add(1);
      case 5 -> NODES.objectNode().put("a", 1);
      default -> NODES.textNode("12.5");
    };
  }

  private static JsonNode read(EventType type) {
    try (InputStream file =
        SchemaAgreementTest.class.getResourceAsStream("/schemas/" + type.wireName() + ".json")) {
      return JSON.readTree(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
