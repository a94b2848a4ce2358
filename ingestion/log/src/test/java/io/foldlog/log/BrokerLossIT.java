package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import io.foldlog.testing.kit.ThreeBrokers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log operations while one of three brokers is unavailable. */
@Tag("fault")
class BrokerLossIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir Path folder;

  private ThreeBrokers brokers;
  private TestTopic topic;

  @BeforeEach
  void create() {
    brokers = ThreeBrokers.in(folder);
    topic = new TestTopic(brokers, TopicSpecification.log("replicated", 3, 3, 64 * 1024));
  }

  @AfterEach
  void endBrokers() {
    brokers.close();
  }

  private void startAll() {
    brokers.start();
    provision(topic.specification(), LIMIT);
  }

  /** Each broker leads one of the three partitions. */
  @Test
  void shouldReturnEndOffsetsImmediatelyAfterABrokerWasKilled() throws Exception {
    startAll();
    sendToAll();
    try (EventTopic before = log()) {
      assertThat(before.endOffsets()).hasToString("0:1,1:1,2:1");
      brokers.broker(2).kill();
      try (EventTopic after = log()) {
        assertThat(after.endOffsets()).hasToString("0:1,1:1,2:1");
        assertThat(after.readAll(after.endOffsets(), record -> {})).isEqualTo(3);
      }
      assertThat(before.endOffsets()).hasToString("0:1,1:1,2:1");
      sendToAll();
      assertThat(before.endOffsets()).hasToString("0:2,1:2,2:2");
    }
  }

  @Test
  void shouldReturnEndOffsetsWhileABrokerIsFrozen() throws Exception {
    startAll();
    sendToAll();
    try (EventTopic before = log()) {
      assertThat(before.endOffsets()).hasToString("0:1,1:1,2:1");
      brokers.broker(2).freeze();
      try (EventTopic after = log()) {
        assertThat(after.endOffsets()).hasToString("0:1,1:1,2:1");
      }
      assertThat(before.metadata().partitions()).isEqualTo(3);
    }
  }

  @Test
  void shouldProvisionATopicImmediatelyAfterABrokerWasKilled() {
    startAll();
    brokers.broker(3).kill();
    TopicSpecification second = TopicSpecification.log("another", 2, 2, 64 * 1024);
    assertThat(provision(second, LIMIT)).isNotNull();
    assertThat(TopicProvisioning.preflight(topic.clients().within(LIMIT), second))
        .containsExactly("topic another exists and matches the settings");
  }

  @Test
  void shouldWaitForTheBrokersThatATopicNeeds() {
    brokers.start(1, 2);
    assertThatThrownBy(() -> provision(topic.specification(), Duration.ofSeconds(3)))
        .isInstanceOfSatisfying(
            PipelineException.class,
            failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.UNAVAILABLE))
        .hasMessageContaining("2 of 3 brokers have registered within 3 s")
        .hasMessageContaining("kafka.replication-factor");
    CompletableFuture<TopicProvisioning.Outcome> provisioned =
        CompletableFuture.supplyAsync(() -> provision(topic.specification(), LIMIT));
    brokers.start(3);
    assertThat(provisioned.join()).isEqualTo(TopicProvisioning.Outcome.CREATED);
  }

  private TopicProvisioning.Outcome provision(TopicSpecification specification, Duration limit) {
    return TopicProvisioning.provision(topic.clients().within(limit), specification);
  }

  private EventTopic log() {
    return EventTopic.open(topic.clients().within(LIMIT), topic.name());
  }

  private void sendToAll() throws Exception {
    for (int partition = 0; partition < 3; partition++) {
      topic.send(partition, "a");
    }
  }
}
