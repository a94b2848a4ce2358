package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import io.foldlog.local.servers.CassandraNode;
import io.foldlog.local.servers.CassandraSpecification;
import io.foldlog.local.servers.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that speaks TLS alone. */
class ViewTlsIT {

  @TempDir private Path folder;

  @Test
  void shouldServeWhoTrustsItsAuthorityAndNobodyElse() throws Exception {
    Certificates certificates = certificates("own");
    CassandraSpecification specification =
        CassandraSpecification.onFreePorts(folder.resolve("cassandra")).with(certificates);
    try (CassandraNode node = new CassandraNode(specification)) {
      node.start();
      Optional<ViewTrust> trust = Optional.of(trust(certificates));
      new ViewProvisioning(
              connection(node, TestView.ADMIN, trust),
              Map.of(CassandraSpecification.DATA_CENTER, 1),
              TestView.WRITER,
              TestView.READER)
          .provision(TestView.LIMIT);
      try (CqlSession session = ViewSession.open(connection(node, TestView.READER, trust))) {
        assertThat(session.execute("SELECT id FROM spark_streams.created_users").all()).isEmpty();
      }

      PipelineException stranger =
          failure(connection(node, TestView.READER, Optional.of(trust(certificates("another")))));
      assertThat(stranger.kind()).isEqualTo(PipelineException.Kind.REFUSED);
      assertThat(stranger)
          .hasMessageContaining("do not agree on TLS")
          .hasMessageContaining("cassandra.tls");
      PipelineException plain = failure(connection(node, TestView.READER, Optional.empty()));
      assertThat(plain.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE);
      PipelineException wrong =
          failure(connection(node, new ViewCredentials("pipeline_reader", "wrong"), trust));
      assertThat(wrong).hasMessageContaining("refuses the login of pipeline_reader");
    }
  }

  private static PipelineException failure(ViewConnection connection) {
    return catchThrowableOfType(
        PipelineException.class, () -> ViewSession.open(connection).close());
  }

  private static ViewConnection connection(
      CassandraNode node, ViewCredentials role, Optional<ViewTrust> trust) {
    return new ViewConnection(
        List.of(node.contactPoint()),
        CassandraSpecification.DATA_CENTER,
        "spark_streams",
        role,
        trust);
  }

  private Certificates certificates(String name) throws IOException {
    Certificates certificates = new Certificates(folder.resolve(name));
    certificates.make(List.of("127.0.0.1"));
    return certificates;
  }

  private static ViewTrust trust(Certificates certificates) throws IOException {
    return new ViewTrust(
        certificates.trustStore(), Files.readString(certificates.trustStorePassword()).strip());
  }
}
