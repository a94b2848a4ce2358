package io.foldlog.local.stack;

import io.foldlog.runtime.CassandraSettings;
import io.foldlog.runtime.KafkaSettings;
import io.foldlog.log.TopicSpecification;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewProvisioning;
import io.foldlog.view.ViewTrust;
import java.util.List;

/** Where the settings say the log and the view are, in their own terms. */
final class Connections {
  private Connections() {}

  static ViewConnection view(
      CassandraSettings cassandra, CassandraSettings.Credentials credentials) {
    return ViewConnection.to(
        cassandra.contactPoints(),
        cassandra.port(),
        cassandra.localDatacenter(),
        cassandra.keyspace(),
        credentials(credentials),
        cassandra.trustStore().map(trust -> new ViewTrust(trust.file(), trust.password().read())));
  }

  static ViewCredentials credentials(CassandraSettings.Credentials credentials) {
    return new ViewCredentials(credentials.user(), credentials.password().read());
  }

  static ViewProvisioning provisioning(CassandraSettings cassandra) {
    return new ViewProvisioning(
        view(cassandra, cassandra.admin()),
        cassandra.replication(),
        credentials(cassandra.writer()),
        credentials(cassandra.reader()),
        cassandra.external() ? ViewProvisioning.Cluster.EXTERNAL : ViewProvisioning.Cluster.OWN);
  }

  /** The log, and its dead letters. */
  static List<TopicSpecification> topics(KafkaSettings kafka) {
    TopicSpecification log =
        TopicSpecification.log(
            kafka.topic(), kafka.partitions(), kafka.replicationFactor(), kafka.maxMessageBytes());
    if (kafka.trustCreateTime()) {
      log = log.trustingCreateTime();
    }
    return List.of(log, log.deadLetters(kafka.deadLetterTopic()));
  }
}
