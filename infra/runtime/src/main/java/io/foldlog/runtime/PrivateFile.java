package io.foldlog.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/** Files that nobody but their owner may read (mode 600), in folders likewise (mode 700). */
public final class PrivateFile {

  private static final int RANDOM_BYTES = 24;

  private PrivateFile() {}

  /**
   * Writes the text, whole or not at all: a killed process leaves no empty password behind.
   *
   * @return the file
   */
  public static Path write(Path file, String text) throws IOException {
    createFolder(file.toAbsolutePath().getParent());
    return AtomicFile.write(file, text, permissions("rw-------"));
  }

  /**
   * Writes a new random password into the file, unless it is there already.
   *
   * @return whether it was written
   */
  public static boolean generate(Path file) throws IOException {
    if (Files.exists(file)) {
      return false;
    }
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    write(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
    return true;
  }

  /** Creates the folder and its parents, mode 700, where they do not exist. */
  public static Path createFolder(Path folder) throws IOException {
    return Files.createDirectories(folder, permissions("rwx------"));
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }
}
