package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

import io.foldlog.runtime.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * TLS for all connections, and the users that may log in (SCRAM-SHA-512).
 *
 * @param certificates of the brokers
 * @param passwords password file by user; {@link #BROKER} is required
 */
public record KafkaSecurity(Certificates certificates, Map<String, Path> passwords) {

  /** The user for connections between brokers. */
  public static final String BROKER = "broker";

  public KafkaSecurity {
    requireNonNull(certificates);
    passwords = Map.copyOf(passwords);
    if (!passwords.containsKey(BROKER)) {
      throw new IllegalArgumentException("The brokers need a password file of the user " + BROKER);
    }
  }

  /**
   * Writes client properties with the user's login, with mode 600.
   *
   * @return the file
   */
  public Path writeClientProperties(Path file, String user) throws IOException {
    Map<String, String> properties = new TreeMap<>();
    properties.put("security.protocol", "SASL_SSL");
    properties.put("ssl.truststore.type", "PKCS12");
    properties.put(
        "ssl.truststore.location", ServerProperties.escape(certificates.trustStore().toString()));
    properties.put("ssl.truststore.password", read(certificates.trustStorePassword()));
    properties.put("sasl.mechanism", "SCRAM-SHA-512");
    properties.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, read(passwords.get(user))));
    StringBuilder text = new StringBuilder();
    properties.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
    return PrivateFile.write(file, text.toString());
  }

  /** Arguments of the storage tool that add the users to a new cluster. */
  List<String> formatArguments() throws IOException {
    List<String> arguments = new ArrayList<>();
    for (Map.Entry<String, Path> login : new TreeMap<>(passwords).entrySet()) {
      arguments.add("--add-scram");
      arguments.add(
          "SCRAM-SHA-512=[name=%s,password=%s]".formatted(login.getKey(), read(login.getValue())));
    }
    return arguments;
  }

  Map<String, Object> templateValues(String host) throws IOException {
    Map<String, Object> values = new TreeMap<>(certificates.templateValues(host));
    values.put("broker", BROKER);
    values.put("broker-password", read(passwords.get(BROKER)));
    return values;
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file).strip();
  }
}
