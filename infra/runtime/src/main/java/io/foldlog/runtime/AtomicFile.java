package io.foldlog.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;

/**
 * Writes small files atomically: a reader sees the old or the new content, even if the writer is
 * killed.
 */
public final class AtomicFile {

  private AtomicFile() {}

  /**
   * Replaces the file. Creates its folder if the folder does not exist.
   *
   * @return the file
   */
  public static Path write(Path file, String text) throws IOException {
    Path target = file.toAbsolutePath();
    Files.createDirectories(target.getParent());
    Path partial = target.resolveSibling(target.getFileName() + ".part");
    Files.writeString(partial, text);
    return move(partial, file);
  }

  /** Replaces the file. The temporary file has these attributes from the start. */
  static Path write(Path file, String text, FileAttribute<?>... attributes) throws IOException {
    Path target = file.toAbsolutePath();
    Path partial =
        Files.createTempFile(
            target.getParent(), target.getFileName().toString(), ".part", attributes);
    Files.writeString(partial, text);
    return move(partial, file);
  }

  private static Path move(Path partial, Path file) throws IOException {
    return Files.move(
        partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
