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

/** Files that only their owner may read (mode 600), in folders of mode 700. */
public final class PrivateFile {

  private static final int RANDOM_BYTES = 24;

  private PrivateFile() {}

  /**
   * Writes the text atomically, so that a killed process leaves no empty password file.
   *
   * @return the file
   */
  public static Path write(Path file, String text) throws IOException {
    createFolder(file.toAbsolutePath().getParent());
    return AtomicFile.write(file, text, permissions("rw-------"));
  }

  /**
   * Writes a new random password to the file if the file does not exist.
   *
   * @return whether the file was written
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

  /** Creates the folder and its parents with mode 700 if they do not exist. */
  public static Path createFolder(Path folder) throws IOException {
    return Files.createDirectories(folder, permissions("rwx------"));
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }
}
