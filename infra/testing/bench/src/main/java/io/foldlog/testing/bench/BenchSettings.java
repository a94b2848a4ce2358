package io.foldlog.testing.bench;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.Settings;
import io.foldlog.view.CassandraSettings;
import io.foldlog.view.ViewSession;

/** The servers of a bench run, as each of its processes reads them from the settings. */
final class BenchSettings {

  private final Settings settings;
  private final KafkaSettings kafka;
  private final CassandraSettings cassandra;

  BenchSettings(Settings settings) {
    this.settings = settings;
    this.kafka = KafkaSettings.from(settings);
    this.cassandra = CassandraSettings.from(settings);
  }

  KafkaClients log() {
    return kafka.clients().within(settings.startupTimeout());
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
    return ViewSession.open(cassandra.connection(role));
  }
}
