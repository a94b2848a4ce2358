package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFileTest {
  @TempDir Path folder;

  @Test
  void shouldGenerateAPasswordOnceThatOnlyItsOwnerCanRead() throws IOException {
    Path file = folder.resolve("secrets/reader.password");
    assertThat(PrivateFile.generate(file)).isTrue();
    String password = Files.readString(file);
    assertThat(password.strip()).hasSizeGreaterThanOrEqualTo(32).matches("[A-Za-z0-9_-]+");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");

    assertThat(PrivateFile.generate(file)).isFalse();
    assertThat(Files.readString(file)).isEqualTo(password);
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void shouldGenerateADifferentPasswordForEachFile() throws IOException {
    PrivateFile.generate(folder.resolve("a"));
    PrivateFile.generate(folder.resolve("b"));
    assertThat(Files.readString(folder.resolve("a")))
        .isNotEqualTo(Files.readString(folder.resolve("b")));
  }
}
