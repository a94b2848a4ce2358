package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import io.foldlog.runtime.StopSignal;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentProxiesTest {

  private static final URI API = URI.create("https://randomuser.me/api/1.4/");

  static Stream<Map<String, String>> variables() {
    String proxy = "http://proxy.example:3128";
    return Stream.of(
        Map.of("https_proxy", proxy),
        Map.of("HTTPS_PROXY", proxy),
        Map.of("ALL_PROXY", "proxy.example:3128"),
        Map.of(
            "https_proxy", proxy, "HTTPS_PROXY", "http://other:1", "all_proxy", "http://other:1"),
        Map.of("https_proxy", proxy, "http_proxy", "http://other:1", "no_proxy", "me, example"));
  }

  @ParameterizedTest
  @MethodSource("variables")
  void shouldUseTheProxyOfTheEnvironment(Map<String, String> environment) {
    String expected = environment.containsKey("no_proxy") ? "DIRECT" : "HTTP @ proxy.example:3128";
    assertThat(proxy(API, environment)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8080/",
        "http://127.0.0.1:8080/",
        "http://127.1.2.3/",
        "http://[::1]:8080/",
        "http://own.example/",
        "http://api.own.example/",
        "http://api.dotted.example/"
      })
  void shouldConnectDirectly(String uri) {
    Map<String, String> environment =
        Map.of("http_proxy", "http://proxy:1", "NO_PROXY", "own.example,.dotted.example");
    assertThat(proxy(URI.create(uri), environment)).isEqualTo("DIRECT");
    assertThat(proxy(URI.create("http://known.example/"), environment)).contains("proxy");
  }

  @Test
  void shouldUseNoProxyForAnyHostWithAnAsterisk() {
    assertThat(proxy(API, Map.of("https_proxy", "http://proxy:1", "no_proxy", "*")))
        .isEqualTo("DIRECT");
  }

  @ParameterizedTest
  @CsvSource({
    "socks5://user:secret@proxy:1080",
    "https://user:secret@proxy",
    "http://user:secret@"
  })
  void shouldRejectAnAddressThatIsNoHttpProxyWithoutPrintingIt(String address) {
    assertThatThrownBy(() -> new EnvironmentProxies(Map.of("https_proxy", address)))
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("The environment variable https_proxy is not the address")
        .hasMessageNotContaining("secret");
  }

  @Test
  void shouldRequestPagesFromTheProxyWithItsLogin() {
    try (RandomUserServer proxy = new RandomUserServer(0)) {
      String address = "http://user%40home:pass+word@127.0.0.1:" + proxy.url().getPort();
      EnvironmentProxies proxies = new EnvironmentProxies(Map.of("http_proxy", address));
      URI unresolvable = URI.create("http://users.invalid/api/1.4/");
      try (RandomUserApi api =
          new RandomUserApi(settings(unresolvable), proxies, new StopSignal())) {
        assertThat(api.unseeded(10).orElseThrow().users()).hasSize(10);
      }
      String login = Base64.getEncoder().encodeToString(bytes("user@home:pass+word"));
      assertThat(proxies.authorization(unresolvable)).contains("Basic " + login);
      assertThat(proxies.authorization(proxy.url())).isEmpty();
    }
  }

  @Test
  void shouldNameTheVariableWhenTheProxyRefusesTheLogin() {
    try (RandomUserServer proxy = new RandomUserServer(0)) {
      proxy.then(
          (query, socket) ->
              socket
                  .getOutputStream()
                  .write(
                      bytes(
                          "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n")));
      String address = "http://user:secret@127.0.0.1:" + proxy.url().getPort();
      EnvironmentProxies proxies = new EnvironmentProxies(Map.of("ALL_PROXY", address));
      URI unresolvable = URI.create("http://users.invalid/api/1.4/");
      try (RandomUserApi api =
          new RandomUserApi(settings(unresolvable), proxies, new StopSignal())) {
        assertThatThrownBy(() -> api.unseeded(10))
            .isInstanceOf(PipelineException.class)
            .hasMessageContaining("password in the environment variable ALL_PROXY")
            .hasMessageNotContaining("secret");
      }
    }
  }

  private static String proxy(URI uri, Map<String, String> environment) {
    Proxy proxy = new EnvironmentProxies(environment).select(uri).get(0);
    return proxy == Proxy.NO_PROXY
        ? "DIRECT"
        : "%s @ %s:%d"
            .formatted(
                proxy.type(),
                ((InetSocketAddress) proxy.address()).getHostString(),
                ((InetSocketAddress) proxy.address()).getPort());
  }

  private static RandomUserSettings settings(URI url) {
    Duration longest = Duration.ofSeconds(20);
    return new RandomUserSettings(
        url, 20_000, longest, Duration.ofMillis(10), Duration.ofMillis(50), longest, longest);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
