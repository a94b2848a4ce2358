package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.local.servers.FreePort;
import io.foldlog.local.servers.KafkaNode;
import io.foldlog.local.servers.KafkaQuorum;
import io.foldlog.local.servers.KafkaSpecification;
import io.foldlog.local.servers.ServerAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of three brokers goes away while two serve. */
@Tag("fault")
class BrokerLossIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  private final List<KafkaNode> brokers = new ArrayList<>();
  private TestTopic topic;

  @BeforeEach
  void startBrokers() {
    List<String> hosts = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3");
    String cluster = UUID.randomUUID().toString();
    int controllerPort = FreePort.next();
    for (int number = 1; number <= hosts.size(); number++) {
      String host = hosts.get(number - 1);
      brokers.add(
          new KafkaNode(
              new KafkaSpecification(
                  folder.resolve("broker-" + number),
                  new ServerAddress(host, host),
                  FreePort.next(),
                  controllerPort,
                  256,
                  new KafkaQuorum(number, hosts, cluster),
                  Optional.empty())));
    }
    brokers.stream()
        .map(broker -> CompletableFuture.runAsync(broker::start))
        .toList()
        .forEach(CompletableFuture::join);
    String bootstrapServers =
        brokers.stream().map(KafkaNode::bootstrapServers).collect(Collectors.joining(","));
    topic =
        new TestTopic(
            () -> bootstrapServers, TopicSpecification.log("replicated", 3, 3, 64 * 1024));
    TopicProvisioning.provision(topic.connection().within(LIMIT), topic.specification());
  }

  @AfterEach
  void endBrokers() {
    brokers.forEach(KafkaNode::close);
  }

  /** Every broker leads one of the three partitions. */
  @Test
  void shouldGiveTheEndOffsetsRightAfterABrokerWasKilled() throws Exception {
    sendToAll();
    try (Log before = log()) {
      assertThat(before.endOffsets()).hasToString("0:1,1:1,2:1");
      brokers.get(1).kill();
      try (Log after = log()) {
        assertThat(after.endOffsets()).hasToString("0:1,1:1,2:1");
      }
      assertThat(before.endOffsets()).hasToString("0:1,1:1,2:1");
      sendToAll();
      assertThat(before.endOffsets()).hasToString("0:2,1:2,2:2");
    }
  }

  @Test
  void shouldGiveTheEndOffsetsWhileABrokerIsFrozen() throws Exception {
    sendToAll();
    try (Log before = log()) {
      assertThat(before.endOffsets()).hasToString("0:1,1:1,2:1");
      brokers.get(1).freeze();
      try (Log after = log()) {
        assertThat(after.endOffsets()).hasToString("0:1,1:1,2:1");
      }
      assertThat(before.identity().partitions()).isEqualTo(3);
    }
  }

  @Test
  void shouldProvisionATopicRightAfterABrokerWasKilled() {
    brokers.get(2).kill();
    TopicSpecification another = TopicSpecification.log("another", 2, 2, 64 * 1024);
    assertThat(TopicProvisioning.provision(topic.connection().within(LIMIT), another)).isNotNull();
    assertThat(TopicProvisioning.check(topic.connection().within(LIMIT), another))
        .contains("is there");
  }

  private Log log() {
    return Log.open(topic.connection().within(LIMIT), topic.name());
  }

  private void sendToAll() throws Exception {
    for (int partition = 0; partition < 3; partition++) {
      topic.send(partition, "a");
    }
  }
}
