package io.foldlog.local.stack;

import io.foldlog.application.CassandraSettings;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;

/** Where the settings say the view is, in the view's own terms. */
final class Connections {
  private Connections() {}

  static ViewConnection view(
      CassandraSettings cassandra, CassandraSettings.Credentials credentials) {
    return ViewConnection.to(
        cassandra.contactPoints(),
        cassandra.port(),
        cassandra.localDatacenter(),
        cassandra.keyspace(),
        credentials(credentials));
  }

  static ViewCredentials credentials(CassandraSettings.Credentials credentials) {
    return new ViewCredentials(credentials.user(), credentials.password().read());
  }
}
