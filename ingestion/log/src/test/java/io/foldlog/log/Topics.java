package io.foldlog.log;

import io.foldlog.local.servers.SharedServers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Topics of a test's own on the shared broker. */
final class Topics {

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private Topics() {}

  static LogConnection connection() {
    return LogConnection.to(SharedServers.kafka().bootstrapServers());
  }

  static String newName() {
    return "topic-" + NUMBER.incrementAndGet();
  }

  /** A log of two partitions that takes 64 KiB. */
  static TopicSpecification specification() {
    return TopicSpecification.log(newName(), 2, 1, 64 * 1024);
  }

  static TopicSpecification provisioned() {
    TopicSpecification specification = specification();
    TopicProvisioning.provision(connection(), specification);
    return specification;
  }

  static void create(String topic, Map<String, String> settings) throws Exception {
    try (Admin admin = connection().admin()) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(settings))).all().get();
    }
  }

  static void delete(String topic) throws Exception {
    try (Admin admin = connection().admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
    }
  }

  /** Sends texts as values to a partition, without keys. */
  static void send(String topic, int partition, String... values) throws Exception {
    for (String value : values) {
      send(topic, partition, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  static void send(String topic, int partition, byte[] value) throws Exception {
    Map<String, Object> tuning = new HashMap<>();
    tuning.put("compression.type", "none");
    tuning.put("max.request.size", 10_000_000);
    try (Producer<byte[], byte[]> producer = connection().producer(tuning)) {
      producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
    } catch (ExecutionException failure) {
      throw LogFailure.of(connection(), "sending", failure);
    }
  }
}
