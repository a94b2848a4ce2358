package io.foldlog.producer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The HTTP proxies of the environment variables {@code http_proxy}, {@code https_proxy}, {@code
 * all_proxy} and {@code no_proxy}, in lower or upper case, which Java does not read. Java's
 * properties, such as {@code https.proxyHost}, take precedence. Connections to this machine use no
 * proxy.
 */
final class EnvironmentProxies extends ProxySelector {

  /** By default, Java sends no password to a proxy for https. */
  private static final String DISABLED_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

  private static final int DEFAULT_PORT = 80;
  private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

  /**
   * A proxy.
   *
   * @param variable the environment variable that names it
   * @param authorization value of the header with its login, if it has one
   */
  private record HttpProxy(
      String variable, InetSocketAddress address, Optional<String> authorization) {}

  private final Map<String, HttpProxy> bySchemes = new HashMap<>();
  private final List<String> directHosts;

  /**
   * Reads the variables.
   *
   * @throws io.foldlog.contract.PipelineException usage error, if a variable is not the address of
   *     an HTTP proxy; the message does not contain the address, which may have a password
   */
  EnvironmentProxies(Map<String, String> environment) {
    for (String scheme : List.of("http", "https")) {
      variable(environment, scheme + "_proxy")
          .or(() -> variable(environment, "all_proxy"))
          .ifPresent(name -> bySchemes.put(scheme, proxy(name, environment.get(name).strip())));
    }
    directHosts =
        variable(environment, "no_proxy").stream()
            .flatMap(name -> Arrays.stream(environment.get(name).split(",")))
            .map(host -> host.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""))
            .filter(host -> !host.isEmpty())
            .toList();
    if (bySchemes.values().stream().anyMatch(proxy -> proxy.authorization().isPresent())
        && System.getProperty(DISABLED_SCHEMES) == null) {
      System.setProperty(DISABLED_SCHEMES, "");
    }
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return List.of(name, name.toUpperCase(Locale.ROOT)).stream()
        .filter(candidate -> !environment.getOrDefault(candidate, "").isBlank())
        .findFirst();
  }

  private static HttpProxy proxy(String variable, String text) {
    URI uri;
    try {
      uri = URI.create(text.contains("://") ? text : "http://" + text);
    } catch (IllegalArgumentException malformed) {
      throw ProducerErrors.proxyIsMalformed(variable);
    }
    if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
      throw ProducerErrors.proxyIsMalformed(variable);
    }
    return new HttpProxy(
        variable,
        InetSocketAddress.createUnresolved(
            uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort()),
        Optional.ofNullable(uri.getRawUserInfo()).map(EnvironmentProxies::basic));
  }

  private static String basic(String rawLogin) {
    // in a user info, + is not a space
    String login = URLDecoder.decode(rawLogin.replace("+", "%2B"), StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public List<Proxy> select(URI uri) {
    if (isSetByProperty(uri)) {
      return ProxySelector.getDefault().select(uri);
    }
    return proxyOf(uri)
        .map(proxy -> List.of(new Proxy(Proxy.Type.HTTP, proxy.address())))
        .orElse(DIRECT);
  }

  /** The value of the header Proxy-Authorization. Java sends the header only to a proxy. */
  Optional<String> authorization(URI uri) {
    return isSetByProperty(uri) ? Optional.empty() : proxyOf(uri).flatMap(HttpProxy::authorization);
  }

  /** The variable that names the proxy of this address. */
  Optional<String> variable(URI uri) {
    return proxyOf(uri).map(HttpProxy::variable);
  }

  private static boolean isSetByProperty(URI uri) {
    return System.getProperty(uri.getScheme() + ".proxyHost") != null;
  }

  private Optional<HttpProxy> proxyOf(URI uri) {
    return isDirect(uri.getHost().toLowerCase(Locale.ROOT))
        ? Optional.empty()
        : Optional.ofNullable(bySchemes.get(uri.getScheme()));
  }

  private boolean isDirect(String host) {
    return host.equals("localhost")
        || host.startsWith("127.")
        || host.equals("[::1]")
        || directHosts.stream()
            .anyMatch(
                direct -> direct.equals("*") || host.equals(direct) || host.endsWith("." + direct));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // the client reports the failure
  }
}
