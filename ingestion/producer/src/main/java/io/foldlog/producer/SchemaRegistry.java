package io.foldlog.producer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/**
 * A client of a schema registry with Confluent's HTTP API.
 *
 * @param url the base URL, such as {@code http://127.0.0.1:8081/apis/ccompat/v7}
 */
record SchemaRegistry(URI url) {

  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Registers a JSON Schema under BACKWARD compatibility. A schema that is registered already keeps
   * its id.
   *
   * @return the schema's id
   * @throws PipelineException usage error, when the registry rejects the schema
   * @throws IOException when the registry does not answer, or its response is invalid; retryable
   */
  long register(String subject, String schema) throws IOException, InterruptedException {
    call("PUT", "/config/" + subject, Map.of("compatibility", "BACKWARD"), subject);
    return call(
            "POST",
            "/subjects/%s/versions".formatted(subject),
            Map.of("schemaType", "JSON", "schema", schema),
            subject)
        .path("id")
        .asLong();
  }

  private JsonNode call(String method, String path, Map<String, String> body, String subject)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url.toString().replaceFirst("/$", "") + path))
            .timeout(TIMEOUT)
            .header("Content-Type", CONTENT_TYPE)
            .header("Accept", CONTENT_TYPE + ", application/json")
            .method(method, HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build();
    HttpResponse<byte[]> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
    int status = response.statusCode();
    if (status == 409) {
      throw ProducerErrors.schemaIsIncompatible(url, subject);
    }
    if (status >= 400 && status < 500 && status != 429) {
      throw ProducerErrors.registryRefuses(url, method, subject, status);
    }
    if (status != 200) {
      throw new IOException(ProducerErrors.answeredWith(status));
    }
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException unreadable) {
      throw new IOException(ProducerErrors.ANSWER_IS_NOT_JSON, unreadable);
    }
  }
}
