package io.foldlog.view;

import io.foldlog.runtime.Secret;
import io.foldlog.runtime.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The section {@code cassandra}: the location of the view and the roles of the pipeline.
 *
 * @param external whether the cluster is an external server
 * @param contactPoints host names without port
 * @param port the port of the native protocol on every host
 * @param localDatacenter the data centre whose replicas serve requests
 * @param keyspace the keyspace of the view
 * @param replication replicas by data centre of a new keyspace
 * @param trustStore the trusted certificates; if empty, connections are plaintext
 * @param writer the role that writes the view
 * @param reader the role that reads it
 * @param admin the role that owns the keyspace: migrations, roles, repairs by an operator
 */
public record CassandraSettings(
    boolean external,
    List<String> contactPoints,
    int port,
    String localDatacenter,
    String keyspace,
    Map<String, Integer> replication,
    Optional<TrustStore> trustStore,
    Credentials writer,
    Credentials reader,
    Credentials admin) {

  /**
   * The ciphers of TLS 1.3 and the secure ciphers of TLS 1.2. Java no longer supports the
   * connector's defaults.
   */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_256_GCM_SHA384",
          "TLS_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");

  /**
   * A role and its password file.
   *
   * @param user the name of the role
   * @param password the password, which is read when it is needed
   */
  public record Credentials(String user, Secret password) {
    public Credentials {
      Objects.requireNonNull(user);
      Objects.requireNonNull(password);
    }

    /** Reads the password and returns it with the role. */
    public ViewCredentials read() {
      return new ViewCredentials(user, password.read());
    }
  }

  /**
   * A Java key store with the trusted certificates.
   *
   * @param file a key store in the format PKCS12 or JKS
   * @param password the password, which is read when it is needed
   */
  public record TrustStore(Path file, Secret password) {
    public TrustStore {
      Objects.requireNonNull(file);
      Objects.requireNonNull(password);
    }
  }

  public CassandraSettings {
    contactPoints = List.copyOf(contactPoints);
    Objects.requireNonNull(localDatacenter);
    Objects.requireNonNull(keyspace);
    replication = Map.copyOf(replication);
    Objects.requireNonNull(trustStore);
    Objects.requireNonNull(writer);
    Objects.requireNonNull(reader);
    Objects.requireNonNull(admin);
  }

  /** Maps the section. */
  public static CassandraSettings from(Settings settings) {
    Settings.Section section = settings.section("cassandra");
    List<String> contactPoints = section.textList("contact-points");
    if (contactPoints.isEmpty()) {
      throw section.reject("contact-points", ViewErrors.CONTACT_POINTS_RULE);
    }
    String keyspace = section.text("keyspace");
    if (!keyspace.matches("[a-z][a-z0-9_]{0,47}")) {
      throw section.reject("keyspace", ViewErrors.NAME_RULE);
    }
    return new CassandraSettings(
        section.flag("external"),
        contactPoints,
        section.integer("port", 1, 65_535),
        section.text("local-datacenter"),
        keyspace,
        replication(section),
        trustStore(section.section("tls")),
        credentials(section, "writer"),
        credentials(section, "reader"),
        credentials(section, "admin"));
  }

  /**
   * The connection to the view with one of the roles. Reads the passwords.
   *
   * @throws io.foldlog.contract.PipelineException usage error, when a secret cannot be read
   */
  public ViewConnection connection(Credentials role) {
    return ViewConnection.to(
        contactPoints,
        port,
        localDatacenter,
        keyspace,
        role.read(),
        trustStore.map(trust -> new ViewTrust(trust.file(), trust.password().read())));
  }

  /** The provisioning of the view. Reads the passwords. */
  public ViewProvisioning provisioning() {
    return new ViewProvisioning(
        connection(admin),
        replication,
        writer.read(),
        reader.read(),
        external ? ViewProvisioning.Cluster.EXTERNAL : ViewProvisioning.Cluster.OWN);
  }

  /**
   * The properties of the Spark Cassandra connector. They include passwords, so set them in memory
   * and not on a command line, which other users can read.
   */
  public Map<String, String> connector(Credentials role) {
    Map<String, String> connector = new LinkedHashMap<>();
    connector.put("spark.cassandra.connection.host", String.join(",", contactPoints));
    connector.put("spark.cassandra.connection.port", Integer.toString(port));
    connector.put("spark.cassandra.connection.localDC", localDatacenter);
    connector.put("spark.cassandra.auth.username", role.user());
    connector.put("spark.cassandra.auth.password", role.password().read());
    trustStore.ifPresent(
        trust -> {
          connector.put("spark.cassandra.connection.ssl.enabled", "true");
          connector.put("spark.cassandra.connection.ssl.trustStore.path", trust.file().toString());
          connector.put(
              "spark.cassandra.connection.ssl.trustStore.password", trust.password().read());
          connector.put(
              "spark.cassandra.connection.ssl.enabledAlgorithms", String.join(",", CIPHERS));
        });
    return connector;
  }

  private static Optional<TrustStore> trustStore(Settings.Section section) {
    return section
        .optionalPath("trust-store")
        .map(file -> new TrustStore(file.toAbsolutePath(), section.secret("password-file")));
  }

  private static Credentials credentials(Settings.Section section, String role) {
    Settings.Section roleSection = section.section(role);
    String user = roleSection.text("user");
    if (!user.matches("[a-z][a-z0-9_]{0,47}")) {
      throw roleSection.reject("user", ViewErrors.NAME_RULE);
    }
    return new Credentials(user, roleSection.secret("password-file"));
  }

  private static Map<String, Integer> replication(Settings.Section section) {
    Map<String, Integer> replicas = new LinkedHashMap<>();
    for (String entry : section.textList("replication")) {
      String[] parts = entry.split(":", -1);
      if (parts.length != 2
          || !parts[0].matches("[A-Za-z0-9_.-]+")
          || !parts[1].matches("[1-9][0-9]?")
          || replicas.put(parts[0], Integer.valueOf(parts[1])) != null) {
        throw section.reject("replication", ViewErrors.REPLICATION_ENTRY_RULE);
      }
    }
    if (replicas.isEmpty()) {
      throw section.reject("replication", ViewErrors.REPLICATION_RULE);
    }
    return replicas;
  }
}
