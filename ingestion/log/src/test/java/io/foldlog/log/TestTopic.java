package io.foldlog.log;

import io.foldlog.contract.EventEncoder;
import io.foldlog.contract.UserEvent;
import io.foldlog.local.servers.KafkaService;
import io.foldlog.testing.kit.SharedServers;
import io.foldlog.testing.kit.TestNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A topic that one test uses.
 *
 * @param kafka the brokers of the topic
 * @param specification the specification for provisioning; its name is unique
 */
public record TestTopic(KafkaService kafka, TopicSpecification specification) {

  private static final int PARTITIONS = 2;

  /** Long enough for a transaction that stays open while a test verifies. */
  private static final int TRANSACTION_TIMEOUT_MILLIS = 600_000;

  private static final int MAX_MESSAGE_BYTES = 64 * 1024;

  /** A topic on the shared broker that does not exist: two partitions, 64 KiB a message. */
  public static TestTopic absent(String prefix) {
    return absent(SharedServers.kafka(), prefix);
  }

  /** As {@link #absent(String)}, on another broker. */
  public static TestTopic absent(KafkaService kafka, String prefix) {
    return new TestTopic(
        kafka, TopicSpecification.log(TestNames.unique(prefix), PARTITIONS, 1, MAX_MESSAGE_BYTES));
  }

  /** An empty topic on the shared broker: two partitions, 64 KiB a message. */
  public static TestTopic provisioned(String prefix) {
    return absent(prefix).provision();
  }

  /** The same topic with another number of partitions. */
  public TestTopic withPartitions(int partitions) {
    return new TestTopic(
        kafka,
        TopicSpecification.log(
            name(),
            partitions,
            specification.replicationFactor(),
            specification.maxMessageBytes()));
  }

  /** The same topic with another limit of a batch, in bytes. */
  public TestTopic withMaxMessageBytes(int bytes) {
    return new TestTopic(
        kafka,
        TopicSpecification.log(
            name(), specification.partitions(), specification.replicationFactor(), bytes));
  }

  /** The dead letter topic of this topic, with the default name. */
  public TestTopic deadLetters() {
    return deadLetters(name());
  }

  /** A dead letter topic of this topic with the name {@code prefix.dead-letter}. */
  public TestTopic deadLetters(String prefix) {
    return new TestTopic(kafka, specification.deadLetters(prefix + ".dead-letter"));
  }

  /** Provisions only this topic. */
  public TestTopic provision() {
    TopicProvisioning.provision(clients(), specification);
    return this;
  }

  public String name() {
    return specification.topic();
  }

  public KafkaClients clients() {
    return KafkaClients.to(kafka.bootstrapServers());
  }

  /** Opens the topic; the caller closes it. */
  public EventTopic open() {
    return EventTopic.open(clients(), name());
  }

  /** Creates the topic with one partition and these settings instead of its specification. */
  public void create(Map<String, String> settings) throws Exception {
    try (Admin admin = clients().admin()) {
      admin.createTopics(List.of(new NewTopic(name(), 1, (short) 1).configs(settings))).all().get();
    }
  }

  public void delete() throws Exception {
    try (Admin admin = clients().admin()) {
      admin.deleteTopics(List.of(name())).all().get();
    }
  }

  /** A producer that can send requests of twice the topic's limit; the caller closes it. */
  public Producer<byte[], byte[]> producer() {
    return clients().producer(Map.of("max.request.size", 2 * specification.maxMessageBytes()));
  }

  /** Kafka's own transactional producer, initialised; the caller closes it. */
  public Producer<byte[], byte[]> transactionalProducer(String transactionalId) {
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka.bootstrapServers(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                transactionalId,
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                TRANSACTION_TIMEOUT_MILLIS),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    try {
      producer.initTransactions();
      return producer;
    } catch (RuntimeException failure) {
      producer.close(Duration.ZERO);
      throw failure;
    }
  }

  /** An event as the producer would send it. */
  public ProducerRecord<byte[], byte[]> record(UserEvent event) {
    return new ProducerRecord<>(name(), EventEncoder.key(event), EventEncoder.value(event));
  }

  /** Sends events and waits until they are acknowledged. */
  public void send(List<UserEvent> events) throws Exception {
    try (Producer<byte[], byte[]> producer = producer()) {
      List<Future<?>> sent = new ArrayList<>();
      for (UserEvent event : events) {
        sent.add(producer.send(record(event)));
      }
      for (Future<?> each : sent) {
        each.get();
      }
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
    send(partition, null, value);
  }

  /** Sends a record, whose key and value may be null, to a partition, uncompressed. */
  public void send(int partition, byte[] key, byte[] value) throws Exception {
    Map<String, Object> tuning = new HashMap<>();
    tuning.put("compression.type", "none");
    tuning.put("max.request.size", 10_000_000);
    try (Producer<byte[], byte[]> producer = clients().producer(tuning)) {
      producer.send(new ProducerRecord<>(name(), partition, key, value)).get();
    } catch (ExecutionException failure) {
      throw KafkaErrors.of(clients(), "sending", failure);
    }
  }
}
