package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.EventType;
import io.foldlog.contract.InvalidValueException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.local.servers.CassandraNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A provisioned view for tests, in a keyspace of its own. */
record TestView(CassandraNode node, String keyspace) {

  static final Duration LIMIT = Duration.ofMinutes(1);

  static final ViewCredentials ADMIN = new ViewCredentials("pipeline_admin", "of the 'admin'");
  static final ViewCredentials WRITER = new ViewCredentials("pipeline_writer", "of the writer");
  static final ViewCredentials READER = new ViewCredentials("pipeline_reader", "of the reader");

  /** 2024-01-01T00:00:00Z, µs. */
  static final long TIME = 1_704_067_200_000_000L;

  static TestView provisioned(CassandraNode node, String keyspace) throws InterruptedException {
    TestView view = new TestView(node, keyspace);
    view.provisioning().provision(LIMIT);
    return view;
  }

  ViewProvisioning provisioning() {
    return new ViewProvisioning(connection(ADMIN), Map.of("datacenter1", 1), WRITER, READER);
  }

  ViewConnection connection(ViewCredentials credentials) {
    return new ViewConnection(List.of(node.contactPoint()), "datacenter1", keyspace, credentials);
  }

  CqlSession session(ViewCredentials credentials) {
    return ViewSession.open(connection(credentials));
  }

  static UserEvent registration(UUID userId, long timeMicros, String firstName) {
    try {
      return UserEvent.of(EventType.REGISTERED, userId, "https://example.org/", timeMicros)
          .text(UserField.FIRST_NAME, firstName)
          .cleared(UserField.LAST_NAME)
          .build();
    } catch (InvalidValueException invalid) {
      throw new IllegalArgumentException(invalid);
    }
  }

  static UserEvent deletion(UUID userId, long timeMicros) {
    return UserEvent.of(EventType.DELETED, userId, "https://example.org/", timeMicros).build();
  }
}
