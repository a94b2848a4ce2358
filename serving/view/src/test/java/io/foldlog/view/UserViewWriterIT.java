package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.local.servers.CassandraManagement;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.CassandraSpecification;
import io.foldlog.local.servers.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The writer while its database is overloaded, frozen, killed and unavailable. The test uses a
 * dedicated node with TLS only, so that one server covers both topics.
 */
class UserViewWriterIT {

  @TempDir static Path folder;

  @Test
  void shouldWriteEverythingAfterOutagesAndFailWhenCassandraStaysUnavailable() throws Exception {
    Certificates certificates = certificates("own");
    CassandraSpecification specification =
        CassandraSpecification.onFreePorts(folder.resolve("cassandra")).with(certificates);
    try (CassandraNode node = new CassandraNode(specification)) {
      node.start();
      TestView view =
          new TestView(node, "spark_streams", Optional.of(trust(certificates))).provision();
      shouldServeOnlyClientsThatTrustItsAuthority(view);
      shouldCompleteWritesDuringAnOverload(node, view);
      try (CqlSession session = view.session(TestView.WRITER);
          CqlSession unused = view.session(TestView.WRITER)) {
        shouldCompleteWritesAfterAFreeze(node, session);
        shouldCompleteWritesAfterAKill(node, session);
        shouldFailAfterTheRetryDuration(node, session);
        shouldReportAnUnavailableNode(unused);
      }
    }
  }

  private static void shouldServeOnlyClientsThatTrustItsAuthority(TestView view) throws Exception {
    try (CqlSession session = view.session(TestView.READER)) {
      assertThat(session.execute("SELECT id FROM spark_streams.created_users").all()).isEmpty();
    }
    PipelineException untrusted =
        loginFailure(view, Optional.of(trust(certificates("another"))), TestView.READER);
    assertThat(untrusted.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR);
    assertThat(untrusted)
        .hasMessageContaining("do not agree on TLS")
        .hasMessageContaining("cassandra.tls");
    PipelineException plaintext = loginFailure(view, Optional.empty(), TestView.READER);
    assertThat(plaintext.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
    ViewCredentials wrong = new ViewCredentials(TestView.READER.role(), "wrong");
    assertThat(loginFailure(view, view.trust(), wrong))
        .hasMessageContaining("refuses the login of pipeline_reader");
  }

  private static PipelineException loginFailure(
      TestView view, Optional<ViewTrust> trust, ViewCredentials role) {
    TestView other = new TestView(view.node(), view.keyspace(), trust);
    return catchThrowableOfType(PipelineException.class, () -> other.session(role).close());
  }

  private static Certificates certificates(String name) throws IOException {
    Certificates certificates = new Certificates(folder.resolve(name));
    certificates.make(List.of("127.0.0.1"));
    return certificates;
  }

  private static ViewTrust trust(Certificates certificates) throws IOException {
    return new ViewTrust(
        certificates.trustStore(), Files.readString(certificates.trustStorePassword()).strip());
  }

  /** The database refuses most writes for longer than the retry duration and accepts the others. */
  private static void shouldCompleteWritesDuringAnOverload(CassandraNode node, TestView view)
      throws Exception {
    try (CassandraManagement management = node.management()) {
      management.refuseRequestsAbove(
          1_000_000); // the limit must be set before the connection is opened
      try (CqlSession session = view.session(TestView.WRITER)) {
        AtomicInteger retries = new AtomicInteger();
        UserViewWriter writer = writer(session, Duration.ofSeconds(2), retries);
        management.refuseRequestsAbove(20);
        List<UUID> written = write(writer, 200);
        management.liftLimit();

        assertThat(retries).hasPositiveValue();
        assertThat(UserViewReader.over(session, "spark_streams").readAll(written)).hasSize(200);
      }
    }
  }

  private static void shouldCompleteWritesAfterAFreeze(CassandraNode node, CqlSession session)
      throws Exception {
    UserViewWriter writer = writer(session, Duration.ofMinutes(2), new AtomicInteger());
    node.freeze();
    CompletableFuture<Void> resumed =
        CompletableFuture.runAsync(
            node::resume, CompletableFuture.delayedExecutor(15, TimeUnit.SECONDS));

    writeAndRead(session, writer, 500);
    resumed.join();
  }

  private static void shouldCompleteWritesAfterAKill(CassandraNode node, CqlSession session)
      throws Exception {
    AtomicInteger retries = new AtomicInteger();
    UserViewWriter writer = writer(session, Duration.ofMinutes(2), retries);
    List<UUID> acknowledged = write(writer, 500);
    node.kill();
    CompletableFuture<Void> started = CompletableFuture.runAsync(node::start);

    writeAndRead(session, writer, 500);
    started.join();
    assertThat(retries).hasPositiveValue();
    assertThat(UserViewReader.over(session, "spark_streams").readAll(acknowledged))
        .as("acknowledged right before the kill")
        .hasSameSizeAs(acknowledged);
  }

  private static void shouldFailAfterTheRetryDuration(CassandraNode node, CqlSession session)
      throws Exception {
    UserViewWriter writer = writer(session, Duration.ofSeconds(3), new AtomicInteger());
    node.kill();

    PipelineException failure =
        catchThrowableOfType(
            PipelineException.class,
            () -> {
              for (int offset = 0; offset < 5_000; offset++) {
                writer.write(event(offset), "users_created", 0, offset, 0);
              }
              writer.awaitAll();
            });

    assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
    assertThat(failure)
        .hasMessageStartingWith("Cassandra did not acknowledge the event at topic users_created")
        .hasMessageContaining("what was not acknowledged is written again");
  }

  /** The node became unavailable after the session was opened. */
  private static void shouldReportAnUnavailableNode(CqlSession session) {
    PipelineException failure =
        catchThrowableOfType(
            PipelineException.class,
            () -> writer(session, Duration.ofSeconds(3), new AtomicInteger()));

    assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
    assertThat(failure).hasMessageStartingWith("Cassandra does not return its schema");
  }

  private static UserViewWriter writer(
      CqlSession session, Duration maxRetryDuration, AtomicInteger retries) {
    return UserView.over(session, "spark_streams", new WriteLimits(1024, maxRetryDuration))
        .writer(
            new WriteListener() {
              @Override
              public void retried() {
                retries.incrementAndGet();
              }
            });
  }

  private static void writeAndRead(CqlSession session, UserViewWriter writer, int users)
      throws InterruptedException {
    List<UUID> written = write(writer, users);
    assertThat(UserViewReader.over(session, "spark_streams").readAll(written)).hasSize(users);
  }

  private static List<UUID> write(UserViewWriter writer, int users) throws InterruptedException {
    List<UUID> ids = new ArrayList<>();
    for (int offset = 0; offset < users; offset++) {
      UserEvent event = event(offset);
      ids.add(event.userId());
      writer.write(event, "users_created", 0, offset, 0);
    }
    writer.awaitAll();
    return ids;
  }

  private static UserEvent event(int index) {
    return TestEvents.profile(UUID.randomUUID(), TestEvents.NOON, "n" + index);
  }
}
