package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The location of the view and the credentials of the client.
 *
 * @param contactPoints at least one host of the cluster
 * @param localDatacenter the data centre whose replicas serve requests
 * @param keyspace the keyspace of the view
 * @param credentials the role to log in with
 * @param trust the trusted certificates; if empty, the connection is plaintext
 */
public record ViewConnection(
    List<InetSocketAddress> contactPoints,
    String localDatacenter,
    String keyspace,
    ViewCredentials credentials,
    Optional<ViewTrust> trust) {

  public ViewConnection {
    contactPoints = List.copyOf(contactPoints);
    requireNonNull(localDatacenter);
    requireNonNull(credentials);
    requireNonNull(trust);
    if (contactPoints.isEmpty()) {
      throw new IllegalArgumentException("A connection needs at least one contact point");
    }
    requireKeyspace(keyspace);
  }

  /** A plaintext connection. */
  public ViewConnection(
      List<InetSocketAddress> contactPoints,
      String localDatacenter,
      String keyspace,
      ViewCredentials credentials) {
    this(contactPoints, localDatacenter, keyspace, credentials, Optional.empty());
  }

  /**
   * Creates the connection from settings.
   *
   * @param hosts host names of the cluster without port; resolved at each connection attempt
   * @param port the port of the native protocol on every host
   * @param trust the trusted certificates; if empty, the connection is plaintext
   */
  public static ViewConnection to(
      List<String> hosts,
      int port,
      String localDatacenter,
      String keyspace,
      ViewCredentials credentials,
      Optional<ViewTrust> trust) {
    return new ViewConnection(
        hosts.stream().map(host -> InetSocketAddress.createUnresolved(host, port)).toList(),
        localDatacenter,
        keyspace,
        credentials,
        trust);
  }

  static String requireKeyspace(String keyspace) {
    if (!keyspace.matches("[a-z][a-z0-9_]{0,47}")) {
      throw new IllegalArgumentException(
          "The keyspace %s %s".formatted(keyspace, ViewErrors.NAME_RULE));
    }
    if (!CqlIdentifier.fromInternal(keyspace).asCql(true).equals(keyspace)) {
      throw ViewErrors.keyspaceIsReserved(keyspace);
    }
    return keyspace;
  }

  /** The same connection with another role. */
  public ViewConnection as(ViewCredentials other) {
    return new ViewConnection(contactPoints, localDatacenter, keyspace, other, trust);
  }

  /** The contact points as {@code host:port}, for messages. */
  public String hosts() {
    return contactPoints.stream()
        .map(point -> point.getHostString() + ":" + point.getPort())
        .collect(Collectors.joining(", "));
  }
}
