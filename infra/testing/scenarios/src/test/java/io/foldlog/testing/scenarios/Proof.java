package io.foldlog.testing.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A section of the report that {@code make prove} puts together: what was done, with which seed and
 * numbers, and what was found. Each line is printed as well, after the word {@code proof}.
 */
public final class Proof {

  /** The seed of everything random, {@code -Dfoldlog.seed}. */
  public static final long SEED = Long.getLong("foldlog.seed", 20_261_124L);

  private static final Path FOLDER = Path.of("target", "proof");

  private final Path file;

  private Proof(Path file) {
    this.file = file;
  }

  /**
   * Begins a section anew.
   *
   * @param name of its file; sections are in the order of their names
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

  /** How much of something is tried: {@code -Dfoldlog.<name>}, or as much as on every build. */
  public static int size(String name, int onEveryBuild) {
    return Integer.getInteger("foldlog." + name, onEveryBuild);
  }

  /** Adds a line. */
  public void say(String format, Object... values) {
    String line = format.formatted(values);
    System.out.println("proof: " + line);
    try {
      Files.writeString(file, "- " + line + "\n", StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
