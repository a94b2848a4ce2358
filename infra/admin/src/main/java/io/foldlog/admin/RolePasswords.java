package io.foldlog.admin;

import io.foldlog.runtime.PrivateFile;
import io.foldlog.view.CassandraSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The password files of the Cassandra roles. */
public final class RolePasswords {
  private static final Logger LOG = LoggerFactory.getLogger(RolePasswords.class);

  private RolePasswords() {}

  /**
   * Generates missing passwords, except the password of the admin role of an external cluster.
   *
   * @throws io.foldlog.contract.PipelineException usage error, when the setting of a role names no
   *     file
   */
  public static void generateMissing(CassandraSettings cassandra) throws IOException {
    List<CassandraSettings.Credentials> roles =
        new ArrayList<>(List.of(cassandra.writer(), cassandra.reader()));
    if (!cassandra.external()) {
      roles.add(cassandra.admin());
    }
    for (CassandraSettings.Credentials role : roles) {
      Path file = role.password().requiredFile();
      if (PrivateFile.generate(file)) {
        LOG.info("event=password_generated role={} file={}", role.user(), file);
      }
    }
  }
}
