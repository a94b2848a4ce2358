package io.foldlog.application;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The section {@code cassandra}: where the view is and who the pipeline is there.
 *
 * @param contactPoints hosts, without port
 * @param port of the native protocol, on every host
 * @param localDatacenter the data centre whose replicas answer
 * @param keyspace of the view
 * @param replication replicas by data centre, when the keyspace is created
 * @param writer the role that writes the view
 * @param reader the role that reads it
 * @param admin the role that owns it: migrations, roles, an operator's repairs
 */
public record CassandraSettings(
    List<String> contactPoints,
    int port,
    String localDatacenter,
    String keyspace,
    Map<String, Integer> replication,
    Credentials writer,
    Credentials reader,
    Credentials admin) {

  /**
   * A role and the file of its password.
   *
   * @param user the role's name
   * @param password read when it is needed
   */
  public record Credentials(String user, Secret password) {
    public Credentials {
      Objects.requireNonNull(user);
      Objects.requireNonNull(password);
    }
  }

  public CassandraSettings {
    contactPoints = List.copyOf(contactPoints);
    Objects.requireNonNull(localDatacenter);
    Objects.requireNonNull(keyspace);
    replication = Map.copyOf(replication);
    Objects.requireNonNull(writer);
    Objects.requireNonNull(reader);
    Objects.requireNonNull(admin);
  }

  /** Maps the section. */
  public static CassandraSettings from(Settings settings) {
    Settings.Section section = settings.section("cassandra");
    List<String> contactPoints = section.textList("contact-points");
    if (contactPoints.isEmpty()) {
      throw section.refuse("contact-points", "must name at least one host");
    }
    String keyspace = section.text("keyspace");
    if (!keyspace.matches("[a-z][a-z0-9_]{0,47}")) {
      throw section.refuse(
          "keyspace", "must be 1 to 48 lower case letters, digits and underscores, a letter first");
    }
    return new CassandraSettings(
        contactPoints,
        section.integer("port", 1, 65_535),
        section.text("local-datacenter"),
        keyspace,
        replication(section),
        credentials(section, "writer"),
        credentials(section, "reader"),
        credentials(section, "admin"));
  }

  private static Credentials credentials(Settings.Section section, String role) {
    Settings.Section own = section.section(role);
    String user = own.text("user");
    if (!user.matches("[a-z][a-z0-9_]{0,47}")) {
      throw own.refuse(
          "user", "must be 1 to 48 lower case letters, digits and underscores, a letter first");
    }
    return new Credentials(user, own.secret("password-file"));
  }

  private static Map<String, Integer> replication(Settings.Section section) {
    Map<String, Integer> replicas = new LinkedHashMap<>();
    for (String entry : section.textList("replication")) {
      String[] parts = entry.split(":", -1);
      if (parts.length != 2
          || !parts[0].matches("[A-Za-z0-9_.-]+")
          || !parts[1].matches("[1-9][0-9]?")
          || replicas.put(parts[0], Integer.valueOf(parts[1])) != null) {
        throw section.refuse("replication", "must list each data centre once, as datacenter1:3");
      }
    }
    if (replicas.isEmpty()) {
      throw section.refuse("replication", "must list at least one data centre, as datacenter1:3");
    }
    return replicas;
  }
}
