package io.foldlog.batch;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.runtime.PrivateFile;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.DecodeVersions.OlderVersion;
import io.foldlog.view.FoldOracle;
import io.foldlog.view.TestView;
import io.foldlog.view.UserViewWriter;
import io.foldlog.view.ViewRow;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A provisioned view of one test, in a unique keyspace on the shared node. */
final class View implements AutoCloseable {

  private final TestView view;
  private final Path passwordFile;
  private final CqlSession session;

  private View(TestView view, Path passwordFile) {
    this.view = view;
    this.passwordFile = passwordFile;
    this.session = view.session(TestView.ADMIN);
  }

  static View in(Path folder) throws Exception {
    return new View(
        TestView.provisioned("batch_view"),
        PrivateFile.write(folder.resolve("writer.password"), TestView.WRITER.password()));
  }

  /** The Cassandra settings of this view. */
  String settingsText() {
    return """
        cassandra {
          contact-points = ["127.0.0.1"], port = %d, keyspace = %s
          writer { user = %s, password-file = "%s" }
        }
        """
        .formatted(
            view.node().contactPoint().getPort(),
            view.keyspace(),
            TestView.WRITER.role(),
            passwordFile);
  }

  /** Writes events as the speed layer does. */
  void write(List<UserEvent> events) throws InterruptedException {
    UserViewWriter writer = view.writer(session);
    for (UserEvent event : events) {
      writer.write(event, "topic", 0, 0, 0);
    }
    writer.awaitAll();
  }

  /** Records that a process with this decode version has written. */
  void recordDecodeVersion(int version) {
    new DecodeVersions(session, view.keyspace()).admit(version, OlderVersion.ACCEPT);
  }

  /** The decode versions that have written, the highest first. */
  List<Integer> decodeVersions() {
    return new DecodeVersions(session, view.keyspace())
        .written().stream().map(DecodeVersions.Written::version).toList();
  }

  /** Changes the view like another client. {@code T} stands for the table. */
  void damage(String statement, Object... values) {
    session.execute(statement.replace(" T ", " " + view.keyspace() + ".created_users "), values);
  }

  Map<UUID, ViewRow> rows() {
    return view.rows(session);
  }

  /** The values in which the view differs from the fold of the events. */
  List<String> differences(List<UserEvent> events) {
    return FoldOracle.VALUES.differences(TestEvents.fold(events), view.rows(session));
  }

  /** The values and writetimes in which the view differs from the fold of the events. */
  List<String> exactDifferences(List<UserEvent> events) {
    return FoldOracle.VALUES_AND_WRITETIMES.differences(
        TestEvents.fold(events), view.rows(session));
  }

  @Override
  public void close() {
    session.close();
  }
}
