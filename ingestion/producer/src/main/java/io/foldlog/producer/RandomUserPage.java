package io.foldlog.producer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A response of the API. It is parsed in one pass. Members that are not on the allow-list are
 * skipped.
 *
 * @param users the users in the order of the response
 * @param info the texts of the response's {@code info}
 */
record RandomUserPage(List<RandomUser> users, Map<String, String> info) {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final Set<String> INFO = Set.of("seed", "results", "page", "version");

  /** The paths of the objects that contain {@link RandomUser#MEMBERS}. */
  private static final Set<String> PARENTS =
      RandomUser.MEMBERS.stream().flatMap(RandomUserPage::parents).collect(Collectors.toSet());

  RandomUserPage {
    users = List.copyOf(users);
    info = Map.copyOf(info);
  }

  /**
   * Parses a response body.
   *
   * @throws IOException when the body is not a valid response; the message contains nothing of the
   *     body
   */
  static RandomUserPage parse(byte[] body) throws IOException {
    List<RandomUser> users = new ArrayList<>();
    Map<String, String> info = new HashMap<>();
    boolean hasResults = false;
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException(ProducerErrors.BODY_IS_NOT_AN_OBJECT);
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("results") && value == JsonToken.START_ARRAY) {
          hasResults = true;
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            users.add(user(parser));
          }
          if (parser.currentToken() != JsonToken.END_ARRAY) {
            throw new IOException(ProducerErrors.RESULT_IS_NOT_AN_OBJECT);
          }
        } else if (name.equals("info") && value == JsonToken.START_OBJECT) {
          readMembers(parser, "", INFO, info, new ArrayList<>());
        } else if (name.equals("error")) {
          throw new IOException(ProducerErrors.API_ERROR);
        } else {
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new IOException(ProducerErrors.BODY_IS_INCOMPLETE);
      }
    } catch (JsonProcessingException malformed) {
      throw new IOException(ProducerErrors.BODY_IS_NOT_JSON);
    }
    if (!hasResults) {
      throw new IOException(ProducerErrors.BODY_HAS_NO_RESULTS);
    }
    return new RandomUserPage(users, info);
  }

  private static Stream<String> parents(String path) {
    return Stream.iterate(
            path.lastIndexOf('.'), dot -> dot > 0, dot -> path.lastIndexOf('.', dot - 1))
        .map(dot -> path.substring(0, dot));
  }

  private static RandomUser user(JsonParser parser) throws IOException {
    Map<String, String> members = new HashMap<>();
    List<String> faults = new ArrayList<>();
    readMembers(parser, "", RandomUser.MEMBERS, members, faults);
    return new RandomUser(members, faults);
  }

  /** Reads the object at whose start the parser is. */
  private static void readMembers(
      JsonParser parser,
      String prefix,
      Set<String> read,
      Map<String, String> into,
      List<String> faults)
      throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String path = prefix + parser.currentName();
      JsonToken value = Objects.requireNonNull(parser.nextToken());
      if (read.contains(path)) {
        if (value.isScalarValue() && !value.isBoolean()) {
          into.put(path, value == JsonToken.VALUE_NULL ? "" : parser.getText());
        } else {
          faults.add(ProducerErrors.memberIsNotText(path));
          parser.skipChildren();
        }
      } else if (value == JsonToken.START_OBJECT) {
        readMembers(parser, path + ".", read, into, faults);
      } else {
        if (value != JsonToken.VALUE_NULL && PARENTS.contains(path)) {
          faults.add(ProducerErrors.memberIsNotAnObject(path));
        }
        parser.skipChildren();
      }
    }
  }
}
