package io.foldlog.batch;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.TestNames;
import io.foldlog.testing.kit.TestRoles;
import io.foldlog.view.UserView;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.UserViewWriter;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewProvisioning;
import io.foldlog.view.ViewRow;
import io.foldlog.view.ViewSession;
import io.foldlog.view.WriteLimits;
import io.foldlog.view.WriteListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A provisioned view of a test's own, in a keyspace on the shared node. */
final class View implements AutoCloseable {

  private static final ViewCredentials ADMIN =
      new ViewCredentials(TestRoles.ADMIN, TestRoles.ADMIN_PASSWORD);
  private static final ViewCredentials WRITER =
      new ViewCredentials(TestRoles.WRITER, TestRoles.WRITER_PASSWORD);
  private static final ViewCredentials READER =
      new ViewCredentials(TestRoles.READER, TestRoles.READER_PASSWORD);

  private final String keyspace;
  private final Path passwordFile;
  private final CqlSession session;

  private View(String keyspace, Path passwordFile, CqlSession session) {
    this.keyspace = keyspace;
    this.passwordFile = passwordFile;
    this.session = session;
  }

  static View in(Path folder) throws Exception {
    String keyspace = TestNames.unique("batch_view");
    new ViewProvisioning(connection(keyspace, ADMIN), Map.of("datacenter1", 1), WRITER, READER)
        .provision(Duration.ofMinutes(2));
    Path passwordFile = folder.resolve("writer.password");
    Files.createFile(
        passwordFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passwordFile, WRITER.password());
    return new View(keyspace, passwordFile, ViewSession.open(connection(keyspace, ADMIN)));
  }

  private static ViewConnection connection(String keyspace, ViewCredentials credentials) {
    return new ViewConnection(
        List.of(SharedServers.cassandra().contactPoint()), "datacenter1", keyspace, credentials);
  }

  /** The settings that lead there. */
  String settingsText() {
    return """
        cassandra {
          contact-points = ["127.0.0.1"], port = %d, keyspace = %s
          writer { user = %s, password-file = "%s" }
        }
        """
        .formatted(
            SharedServers.cassandra().contactPoint().getPort(),
            keyspace,
            WRITER.role(),
            passwordFile);
  }

  /** Writes events as the speed layer does. */
  void write(List<UserEvent> events) throws InterruptedException {
    UserViewWriter writer =
        UserView.over(session, keyspace, WriteLimits.DEFAULT).writer(WriteListener.NONE);
    for (UserEvent event : events) {
      writer.write(event, "topic", 0, 0, 0);
    }
    writer.awaitAll();
  }

  /** Does what somebody else does; {@code T} stands for the table. */
  void damage(String statement, Object... values) {
    session.execute(statement.replace(" T ", " " + keyspace + ".created_users "), values);
  }

  Map<UUID, ViewRow> rows() {
    Map<UUID, ViewRow> rows = new HashMap<>();
    UserViewReader.over(session, keyspace).scan(row -> rows.put(row.id(), row));
    return rows;
  }

  CqlSession session() {
    return session;
  }

  String keyspace() {
    return keyspace;
  }

  /** The users whose values are not the fold's, or that show and should not. */
  static List<UUID> differing(Map<UUID, UserState> expected, Map<UUID, ViewRow> rows) {
    Map<UUID, Boolean> users = new HashMap<>();
    expected.keySet().forEach(user -> users.put(user, true));
    rows.keySet().forEach(user -> users.put(user, true));
    return users.keySet().stream()
        .filter(user -> !isSame(expected.getOrDefault(user, new UserState()), rows.get(user)))
        .toList();
  }

  private static boolean isSame(UserState state, ViewRow row) {
    if (row == null || !state.isLive()) {
      return row == null && !state.isLive();
    }
    return UserField.all().stream()
        .allMatch(
            field ->
                state.hasValue(field) == row.hasValue(field)
                    && (!state.hasValue(field)
                        || Arrays.equals(state.value(field), row.value(field))));
  }

  @Override
  public void close() {
    session.close();
  }
}
