package io.foldlog.local.servers;

import io.foldlog.runtime.PrivateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An argument file of the {@code java} launcher: {@code java @file} runs a server with a short
 * command line.
 */
final class ArgumentFile {

  private ArgumentFile() {}

  static Path write(
      Path file,
      Template options,
      Map<String, Object> values,
      ServerClassPath classPath,
      List<String> mainAndArguments)
      throws IOException {
    Stream<String> rendered =
        options.render(values).lines().filter(line -> !line.isBlank() && !line.startsWith("#"));
    String text =
        Stream.of(rendered, Stream.of("-cp", classPath.toString()), mainAndArguments.stream())
            .flatMap(lines -> lines)
            .map(ArgumentFile::quote)
            .collect(Collectors.joining("\n", "", "\n"));
    return PrivateFile.write(file, text);
  }

  private static String quote(String argument) {
    return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
