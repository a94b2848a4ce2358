package io.foldlog.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.runtime.Settings;
import io.foldlog.view.CassandraSettings;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolePasswordsTest {

  @TempDir Path folder;

  @Test
  void shouldNotGenerateTheAdminPasswordOfAnExternalCluster() throws IOException {
    CassandraSettings external = cassandra(true);
    RolePasswords.generateMissing(external);
    assertThat(external.writer().password().read()).isNotBlank();
    assertThat(external.reader().password().read()).isNotBlank();
    assertThat(external.admin().password().requiredFile()).doesNotExist();

    CassandraSettings own = cassandra(false);
    String writer = own.writer().password().read();
    RolePasswords.generateMissing(own);
    assertThat(own.writer().password().read()).isEqualTo(writer);
    assertThat(own.admin().password().requiredFile()).exists();
  }

  private CassandraSettings cassandra(boolean external) {
    return CassandraSettings.from(
        Settings.of(
            """
            cassandra {
              external = %2$s
              writer.password-file = "%1$s/writer.password"
              reader.password-file = "%1$s/reader.password"
              admin.password-file = "%1$s/admin.password"
            }
            """
                .formatted(folder, external)));
  }
}
