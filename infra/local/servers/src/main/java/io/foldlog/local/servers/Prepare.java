package io.foldlog.local.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prepares a server's folder for a supervisor: writes its configuration, formats Kafka's storage
 * once, and prints the argument file that runs it with {@code java @file}.
 *
 * <pre>
 * Prepare kafka --folder F --port P --controller-port P --heap-mebibytes N
 * Prepare cassandra --folder F --port P --storage-port P --heap-mebibytes N
 * </pre>
 */
public final class Prepare {

  private Prepare() {}

  public static void main(String[] arguments) {
    try {
      System.out.println(prepare(List.of(arguments)));
    } catch (IllegalArgumentException | IllegalStateException | IOException failure) {
      System.err.println(failure.getMessage());
      System.exit(failure instanceof IllegalArgumentException ? 2 : 1);
    }
  }

  static Path prepare(List<String> arguments) throws IOException {
    if (arguments.isEmpty() || arguments.size() % 2 == 0) {
      throw new IllegalArgumentException(
          "Usage: Prepare kafka|cassandra --folder F --port P --controller-port|--storage-port P --heap-mebibytes N");
    }
    Map<String, String> options = new HashMap<>();
    for (int index = 1; index < arguments.size(); index += 2) {
      options.put(arguments.get(index), arguments.get(index + 1));
    }
    Path folder = Path.of(value(options, "--folder"));
    int port = number(options, "--port");
    int heap = number(options, "--heap-mebibytes");
    return switch (arguments.get(0)) {
      case "kafka" ->
          new KafkaSpecification(folder, port, number(options, "--controller-port"), heap)
              .prepare();
      case "cassandra" ->
          new CassandraSpecification(folder, port, number(options, "--storage-port"), heap)
              .prepare();
      default ->
          throw new IllegalArgumentException(
              "There is no server " + arguments.get(0) + "; there are kafka and cassandra");
    };
  }

  private static int number(Map<String, String> options, String name) {
    String text = value(options, name);
    if (!text.matches("[1-9][0-9]{0,4}")) {
      throw new IllegalArgumentException("%s %s is no number".formatted(name, text));
    }
    return Integer.parseInt(text);
  }

  private static String value(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }
}
