package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.foldlog.contract.EventType;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ApplicationRunner;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the client with a local server that simulates a registry. */
class SchemaRegistryTest {

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<Integer> statuses = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
          int status = statuses.isEmpty() ? 200 : statuses.remove(0);
          byte[] response = "{\"id\":7}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, response.length);
          exchange.getResponseBody().write(response);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void shouldRegisterEachTypeUnderBackwardCompatibility() throws Exception {
    assertThat(run().status()).isEqualTo(ExitStatus.SUCCESS);

    assertThat(requests).hasSize(2 * EventType.values().length);
    assertThat(requests.get(0))
        .isEqualTo(
            "PUT /api/config/users_created-user.registered.v1 {\"compatibility\":\"BACKWARD\"}");
    assertThat(requests.get(1))
        .startsWith("POST /api/subjects/users_created-user.registered.v1/versions ")
        .contains("\"schemaType\":\"JSON\"", "urn:foldlog:schema:user.registered.v1");
  }

  @Test
  void shouldRejectAnIncompatibleSchema() {
    statuses.addAll(List.of(200, 409));

    ApplicationResult result = run();
    assertThat(result.status()).isEqualTo(ExitStatus.USAGE_ERROR);
    assertThat(result.message())
        .contains("users_created-user.registered.v1: it is not backward compatible");
  }

  @Test
  void shouldRetryAfterAServerError() throws Exception {
    statuses.add(503);

    assertThat(run().status()).isEqualTo(ExitStatus.SUCCESS);
    assertThat(requests).hasSize(1 + 2 * EventType.values().length);
  }

  @Test
  void shouldFailAsUnavailableWhenTheRegistryDoesNotAnswer() {
    server.stop(0);

    ApplicationResult result = run();
    assertThat(result.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(result.message()).contains("The schema registry at http://127.0.0.1:");
  }

  @Test
  void shouldRejectInvalidRegistryAddresses() {
    for (String wrong : List.of("registry:8081", "http://a registry", "http://", "ftp://host")) {
      ApplicationResult result = register("schema-registry.url = \"%s\"".formatted(wrong));
      assertThat(result.status()).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(result.message()).contains("schema-registry.url");
    }
    statuses.add(404);
    assertThat(run().message()).contains("Correct the setting schema-registry.url");
  }

  @Test
  void shouldDoNothingWithoutARegistry() throws Exception {
    assertThat(register("").status()).isEqualTo(ExitStatus.SUCCESS);
    assertThat(requests).isEmpty();
  }

  private ApplicationResult run() {
    return register(
        "schema-registry.url = \"http://127.0.0.1:%d/api/\", runtime.startup-timeout = 2 seconds"
            .formatted(server.getAddress().getPort()));
  }

  private static ApplicationResult register(String settings) {
    return ApplicationRunner.run(new RegisterSchemasCommand(), Settings.of(settings));
  }
}
