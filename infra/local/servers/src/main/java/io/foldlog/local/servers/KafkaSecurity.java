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
 * TLS for everybody, and who may log in (SCRAM-SHA-512).
 *
 * @param certificates of the brokers
 * @param passwords the file of each user's; {@link #BROKER} is the brokers' own
 */
public record KafkaSecurity(Certificates certificates, Map<String, Path> passwords) {

  /** Whom the brokers log in as at each other. */
  public static final String BROKER = "broker";

  public KafkaSecurity {
    requireNonNull(certificates);
    passwords = Map.copyOf(passwords);
    if (!passwords.containsKey(BROKER)) {
      throw new IllegalArgumentException("The brokers have no login of their own: " + BROKER);
    }
  }

  /**
   * Client properties for a user, as a file of mode 600: whatever reads it can log in.
   *
   * @return the file
   */
  public Path writeClientProperties(Path file, String user) throws IOException {
    Map<String, String> properties = new TreeMap<>();
    properties.put("security.protocol", "SASL_SSL");
    properties.put("ssl.truststore.type", "PKCS12");
    properties.put("ssl.truststore.location", certificates.trustStore().toString());
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

  /** The storage tool's arguments that make the logins known to a new cluster. */
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
