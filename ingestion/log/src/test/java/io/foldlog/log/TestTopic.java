package io.foldlog.log;

import io.foldlog.local.servers.KafkaService;
import io.foldlog.testing.servers.SharedServers;
import io.foldlog.testing.servers.TestNames;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A topic that one test uses.
 *
 * @param kafka whose topic it is
 * @param specification what it is provisioned as; its name is unique
 */
public record TestTopic(KafkaService kafka, TopicSpecification specification) {

  private static final int PARTITIONS = 2;
  private static final int MAX_MESSAGE_BYTES = 64 * 1024;

  /** A topic on the shared broker that does not exist: two partitions, 64 KiB a message. */
  public static TestTopic absent(String prefix) {
    return new TestTopic(
        SharedServers.kafka(),
        TopicSpecification.log(TestNames.unique(prefix), PARTITIONS, 1, MAX_MESSAGE_BYTES));
  }

  /** An empty topic on the shared broker: two partitions, 64 KiB a message. */
  public static TestTopic provisioned(String prefix) {
    return absent(prefix).provision();
  }

  /** Provisions it, together with nothing else. */
  public TestTopic provision() {
    TopicProvisioning.provision(connection(), specification);
    return this;
  }

  /** Provisions its dead letters' topic. */
  public TestTopic provisionDeadLetters() {
    TestTopic deadLetters =
        new TestTopic(kafka, specification.deadLetters(name() + ".dead-letter"));
    return deadLetters.provision();
  }

  public String name() {
    return specification.topic();
  }

  public LogConnection connection() {
    return LogConnection.to(kafka.bootstrapServers());
  }

  /** Opens it; to be closed. */
  public Log open() {
    return Log.open(connection(), name());
  }

  /** Creates it with one partition and these settings, whatever its specification. */
  public void create(Map<String, String> settings) throws Exception {
    try (Admin admin = connection().admin()) {
      admin.createTopics(List.of(new NewTopic(name(), 1, (short) 1).configs(settings))).all().get();
    }
  }

  public void delete() throws Exception {
    try (Admin admin = connection().admin()) {
      admin.deleteTopics(List.of(name())).all().get();
    }
  }

  /** Sends texts as values to a partition, without keys. */
  public void send(int partition, String... values) throws Exception {
    for (String value : values) {
      send(partition, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Sends a value, which may be null, to a partition, uncompressed. */
  public void send(int partition, byte[] value) throws Exception {
    Map<String, Object> tuning = new HashMap<>();
    tuning.put("compression.type", "none");
    tuning.put("max.request.size", 10_000_000);
    try (Producer<byte[], byte[]> producer = connection().producer(tuning)) {
      producer.send(new ProducerRecord<>(name(), partition, null, value)).get();
    } catch (ExecutionException failure) {
      throw LogFailure.of(connection(), "sending", failure);
    }
  }
}
