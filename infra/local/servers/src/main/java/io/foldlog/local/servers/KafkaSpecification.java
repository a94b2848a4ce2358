package io.foldlog.local.servers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Where a local broker lives and what it may use.
 *
 * @param folder everything of it: {@code conf}, {@code data}, {@code tmp}
 * @param port of the brokers' listener, on 127.0.0.1
 * @param controllerPort of the controllers' listener, on 127.0.0.1
 * @param heapMebibytes of its Java heap
 */
public record KafkaSpecification(Path folder, int port, int controllerPort, int heapMebibytes) {

  private static final String MAIN = "kafka.Kafka";

  public KafkaSpecification {
    folder = requireNonNull(folder).toAbsolutePath().normalize();
  }

  /** On the folder, with two free ports and a heap that serves tests. */
  public static KafkaSpecification onFreePorts(Path folder) {
    return new KafkaSpecification(folder, FreePort.next(), FreePort.next(), 256);
  }

  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /**
   * Writes the configuration anew and formats the storage when it is empty.
   *
   * @return the argument file that runs the broker: {@code java @file}
   */
  public Path prepare() throws IOException {
    Path configuration = Files.createDirectories(folder.resolve("conf"));
    Path data = Files.createDirectories(folder.resolve("data"));
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path properties = configuration.resolve("server.properties");
    Path logging = configuration.resolve("log4j2.properties");
    Map<String, Object> values =
        Map.of(
            "port", port,
            "controller-port", controllerPort,
            "heap", heapMebibytes,
            "data", data,
            "temporary", temporary,
            "logging", logging);
    Files.writeString(properties, new Template("server.properties").render(values));
    Files.writeString(logging, new Template("log4j2.properties").render(values));
    ServerClassPath classPath = ServerClassPath.of("kafka");
    Template options = new Template("kafka-jvm.options");
    if (!Files.exists(data.resolve("meta.properties"))) {
      String id = UUID.randomUUID().toString();
      JavaCommand.run(
          ArgumentFile.write(
              configuration.resolve("format.args"),
              options,
              values,
              classPath,
              List.of(
                  "kafka.tools.StorageTool",
                  "format",
                  "--standalone",
                  "-t",
                  id,
                  "-c",
                  properties.toString())),
          folder.resolve("format.log"));
    }
    return ArgumentFile.write(
        configuration.resolve("java.args"),
        options,
        values,
        classPath,
        List.of(MAIN, properties.toString()));
  }
}
