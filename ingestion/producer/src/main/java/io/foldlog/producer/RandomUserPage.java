package io.foldlog.producer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A response of the API. It is parsed in one pass. Members that are not on the allow-list are
 * skipped.
 *
 * @param users the users in the order of the response
 * @param info the texts of the response's {@code info}
 */
record RandomUserPage(List<RandomUser> users, Map<String, String> info) {

  private static final JsonFactory JSON = new JsonFactory();

  private static final Set<String> INFO = Set.of("seed", "results", "page", "version");

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
            users.add(new RandomUser(user(parser)));
          }
          if (parser.currentToken() != JsonToken.END_ARRAY) {
            throw new IOException(ProducerErrors.RESULT_IS_NOT_AN_OBJECT);
          }
        } else if (name.equals("info") && value == JsonToken.START_OBJECT) {
          readMembers(parser, "", INFO, info);
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

  private static Map<String, String> user(JsonParser parser) throws IOException {
    Map<String, String> members = new HashMap<>();
    readMembers(parser, "", RandomUser.MEMBERS, members);
    return members;
  }

  /** Reads the object at whose start the parser is. */
  private static void readMembers(
      JsonParser parser, String prefix, Set<String> read, Map<String, String> into)
      throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String path = prefix + parser.currentName();
      JsonToken value = Objects.requireNonNull(parser.nextToken());
      if (value == JsonToken.START_OBJECT && !read.contains(path)) {
        readMembers(parser, path + ".", read, into);
      } else if (value.isScalarValue() && read.contains(path)) {
        into.put(path, value == JsonToken.VALUE_NULL ? "" : parser.getText());
      } else if (value.isStructStart() && read.contains(path)) {
        throw new IOException(ProducerErrors.memberIsNotPlain(path));
      } else {
        parser.skipChildren();
      }
    }
  }
}
