package io.foldlog.local.servers;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The jars of a server, as the build of {@code infra/local/kafka} or {@code infra/local/cassandra}
 * resolved them. They are files of the local Maven repository, not copies.
 */
record ServerClassPath(List<Path> jars) {

  ServerClassPath {
    jars = List.copyOf(jars);
  }

  /**
   * The class path of the named server. It is searched for in the working directory and its parent
   * folders, or in the checkout that the system property {@code foldlog.root} names.
   *
   * @throws IllegalStateException if the class path was not built, or a jar does not exist any more
   */
  static ServerClassPath of(String server) {
    Path relative = Path.of("infra", "local", server, "target", "classpath");
    Path start = Path.of(System.getProperty("foldlog.root", "")).toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      Path file = folder.resolve(relative);
      if (Files.isRegularFile(file)) {
        return read(file);
      }
    }
    throw new IllegalStateException(
        "No class path of the local %s at %s under %s or a folder above it; build it with: mvn -q generate-resources"
            .formatted(server, relative, start));
  }

  private static ServerClassPath read(Path file) {
    try {
      List<Path> jars =
          Arrays.stream(Files.readString(file).strip().split(File.pathSeparator))
              .map(Path::of)
              .toList();
      for (Path jar : jars) {
        if (!Files.exists(jar)) {
          throw new IllegalStateException(
              "%s names %s, which is gone; resolve it again with: mvn -q clean generate-resources"
                  .formatted(file, jar));
        }
      }
      return new ServerClassPath(jars);
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot read " + file, failure);
    }
  }

  /** The jar of the artifact, in any version. */
  Path jar(String artifact) {
    return jars.stream()
        .filter(jar -> jar.getFileName().toString().matches(artifact + "-[0-9].*\\.jar"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("No " + artifact + " among the jars " + jars));
  }

  @Override
  public String toString() {
    return String.join(File.pathSeparator, jars.stream().map(Path::toString).toList());
  }
}
