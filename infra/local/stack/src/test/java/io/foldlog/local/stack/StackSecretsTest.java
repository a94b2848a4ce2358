package io.foldlog.local.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.runtime.CassandraSettings;
import io.foldlog.runtime.Settings;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackSecretsTest {

  @TempDir Path folder;

  @Test
  void shouldGenerateThePasswordsOfTheRolesThatAreThePipelinesOwn() throws IOException {
    CassandraSettings external = cassandra(true);
    StackSecrets.generatePasswords(external);
    assertThat(external.writer().password().read()).isNotBlank();
    assertThat(external.reader().password().read()).isNotBlank();
    assertThat(external.admin().password().file()).doesNotExist();

    CassandraSettings own = cassandra(false);
    String writer = own.writer().password().read();
    StackSecrets.generatePasswords(own);
    assertThat(own.writer().password().read()).isEqualTo(writer);
    assertThat(own.admin().password().file()).exists();
  }

  private CassandraSettings cassandra(boolean external) {
    return CassandraSettings.from(
        Settings.of("stack.root = \"%s\", cassandra.external = %s".formatted(folder, external)));
  }
}
