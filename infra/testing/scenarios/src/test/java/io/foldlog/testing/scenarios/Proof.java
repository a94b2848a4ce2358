package io.foldlog.testing.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A section of the report of {@code make prove}: the actions, their seed and sizes, and the
 * results. Each line is also printed, with the prefix {@code proof}.
 */
public final class Proof {

  /** The seed of all random values, {@code -Dfoldlog.seed}. */
  public static final long SEED = Long.getLong("foldlog.seed", 20_261_124L);

  private static final Path FOLDER = Path.of("target", "proof");

  private final Path file;

  private Proof(Path file) {
    this.file = file;
  }

  /**
   * Starts an empty section.
   *
   * @param name of its file; the report sorts sections by this name
   * @param title of the section
   */
  public static Proof section(String name, String title) {
    try {
      Files.createDirectories(FOLDER);
      Path file = FOLDER.resolve(name + ".md");
      Files.writeString(file, "## " + title + "\n\n");
      return new Proof(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A size from the system property {@code foldlog.<name>}, or the default of every build. */
  public static int size(String name, int defaultSize) {
    return Integer.getInteger("foldlog." + name, defaultSize);
  }

  public void addLine(String format, Object... values) {
    String line = format.formatted(values);
    System.out.println("proof: " + line);
    try {
      Files.writeString(file, "- " + line + "\n", StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
