package io.foldlog.local.stack;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** Generates the passwords of the roles, each in a file of mode 600. */
final class PasswordFiles {
  private static final int RANDOM_BYTES = 24;

  private PasswordFiles() {}

  /**
   * Writes a new random password into the file, unless it is there already.
   *
   * @return whether it was written
   */
  static boolean generate(Path file) throws IOException {
    if (Files.exists(file)) {
      return false;
    }
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    // moved into place whole, so that a killed run leaves no empty password behind
    Path written =
        Files.createTempFile(
            folder,
            file.getFileName().toString(),
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(
          written, Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
