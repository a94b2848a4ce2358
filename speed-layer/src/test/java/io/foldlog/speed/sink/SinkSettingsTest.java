package io.foldlog.speed.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.log.LogId;
import io.foldlog.speed.meters.DriverMeters;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SinkSettingsTest {

  private static final CommitListener NO_LISTENER =
      new CommitListener() {
        @Override
        public void starting(int partitions) {}

        @Override
        public void committing(long epoch, List<TaskCommit> tasks) {}
      };

  static SinkSettings settings(String query) {
    return new SinkSettings(
        query,
        "users",
        LogId.of("id"),
        "users.dead-letter",
        DecodeRules.current(EventDecoder.CreateTime.REJECT),
        "keyspace",
        10,
        Duration.ofSeconds(10),
        Map.of("bootstrap.servers", "127.0.0.1:1", "sasl.jaas.config", "kafka-secret"),
        Map.of(
            "spark.cassandra.connection.host", "127.0.0.2",
            "spark.cassandra.auth.password", "view-secret"));
  }

  @Test
  void shouldBeSerializable() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(settings("one"));
    }

    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      SinkSettings read = (SinkSettings) in.readObject();
      assertThat(read.query()).isEqualTo("one");
      assertThat(read.kafka()).isEqualTo(settings("one").kafka());
      assertThat(read.connectorConf().get("spark.cassandra.connection.host"))
          .isEqualTo("127.0.0.2");
      assertThat(read.rules().version()).isEqualTo(settings("one").rules().version());
    }
  }

  @Test
  void shouldHideSecretsInToString() {
    UserViewWriterFactory factory =
        new UserViewWriterFactory(new RecordLayout(0, 1, 2, 3, 4, 5, 6), settings("one"));

    assertThat(factory.toString()).contains("one").doesNotContain("secret");
  }

  @Test
  void shouldFindContextOfOpenQueryOnly() {
    DriverMeters meters = new DriverMeters();
    try (QueryContext one = QueryContext.open(settings("one"), NO_LISTENER, meters);
        QueryContext other =
            QueryContext.open(settings("other"), NO_LISTENER, new DriverMeters())) {
      assertThat(QueryContext.find("one")).containsSame(one);
      assertThat(QueryContext.find("other")).containsSame(other);
      assertThat(one.meters()).isSameAs(meters);
      assertThatThrownBy(() -> QueryContext.open(settings("one"), NO_LISTENER, meters))
          .hasMessageContaining("one runs already");
    }
    assertThat(QueryContext.find("one")).isEmpty();
    assertThat(QueryContext.find("other")).isEmpty();
  }
}
