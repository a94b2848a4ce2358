package io.foldlog.testing.bench;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.runtime.CassandraSettings;
import io.foldlog.runtime.KafkaSettings;
import io.foldlog.runtime.Settings;
import io.foldlog.log.LogConnection;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewSession;
import io.foldlog.view.ViewTrust;

/** Where the servers of a run are, for each of its processes. */
final class BenchSettings {

  private final Settings settings;
  private final KafkaSettings kafka;
  private final CassandraSettings cassandra;

  BenchSettings(Settings settings) {
    this.settings = settings;
    this.kafka = KafkaSettings.from(settings);
    this.cassandra = CassandraSettings.from(settings);
  }

  LogConnection log() {
    return LogConnection.of(kafka.clientProperties()).within(settings.waitLimit());
  }

  String topic() {
    return kafka.topic();
  }

  String keyspace() {
    return cassandra.keyspace();
  }

  CqlSession writerSession() {
    return session(cassandra.writer());
  }

  CqlSession readerSession() {
    return session(cassandra.reader());
  }

  private CqlSession session(CassandraSettings.Credentials role) {
    return ViewSession.open(
        ViewConnection.to(
            cassandra.contactPoints(),
            cassandra.port(),
            cassandra.localDatacenter(),
            cassandra.keyspace(),
            new ViewCredentials(role.user(), role.password().read()),
            cassandra
                .trustStore()
                .map(trust -> new ViewTrust(trust.file(), trust.password().read()))));
  }
}
