package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A secret in a separate file. The settings contain only the path. The secret is read when it is
 * needed and is never printed.
 *
 * @param setting the setting that names the file
 * @param file the file with the secret in one line, readable only by its owner; empty if the
 *     setting is blank
 */
public record Secret(String setting, Optional<Path> file) {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  public Secret {
    Objects.requireNonNull(setting);
    Objects.requireNonNull(file);
  }

  /**
   * The file of the secret.
   *
   * @throws PipelineException usage error, when the setting is blank
   */
  public Path requiredFile() {
    return file.orElseThrow(() -> RuntimeErrors.secretIsNotSet(setting));
  }

  /**
   * Reads the secret, without the line break.
   *
   * @throws PipelineException usage error, when the setting is blank, or the file is missing, empty
   *     or readable by others
   */
  public String read() {
    Path file = requiredFile();
    try {
      if (!Files.isRegularFile(file)) {
        throw RuntimeErrors.secretIsMissing(file, setting);
      }
      if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
        throw RuntimeErrors.secretIsReadableByOthers(file, setting);
      }
      String secret = Files.readString(file).strip();
      if (secret.isEmpty()) {
        throw RuntimeErrors.secretIsEmpty(file, setting);
      }
      return secret;
    } catch (IOException e) {
      throw RuntimeErrors.secretIsUnreadable(file, setting, e);
    }
  }
}
