package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TopicProvisioningIT {

  private final TestTopic topic = TestTopic.absent("provisioned");
  private final KafkaClients connection = topic.clients();
  private final TopicSpecification specification = topic.specification();

  @Test
  void shouldCreateATopicOnceAndReportItAsPresentLater() {
    assertThat(TopicProvisioning.provision(connection, specification))
        .isEqualTo(TopicProvisioning.Outcome.CREATED);
    TopicMetadata created = metadata(specification.topic());
    assertThat(created.partitions()).isEqualTo(2);
    assertThat(created.timestampSource()).isEqualTo(TimestampSource.LOG_APPEND_TIME);
    assertThat(created.maxMessageBytes()).isEqualTo(64 * 1024);
    assertThat(TopicProvisioning.provision(connection, specification))
        .isEqualTo(TopicProvisioning.Outcome.PRESENT);
    assertThat(metadata(specification.topic())).isEqualTo(created);
  }

  @Test
  void shouldAllowLargerRecordsInTheDeadLetterTopic() {
    TestTopic deadLetters = topic.deadLetters().provision();
    assertThat(metadata(deadLetters.name()).maxMessageBytes()).isEqualTo(128 * 1024);
  }

  @Test
  void shouldSupportConcurrentProvisioning() throws Exception {
    Callable<TopicProvisioning.Outcome> provisioning =
        () -> TopicProvisioning.provision(connection, specification);
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      List<Future<TopicProvisioning.Outcome>> outcomes =
          executor.invokeAll(List.of(provisioning, provisioning));
      for (Future<TopicProvisioning.Outcome> outcome : outcomes) {
        assertThat(outcome.get()).isNotNull();
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void shouldReportEachDifferenceOfAnExistingTopic() throws Exception {
    topic.create(Map.of("retention.ms", "1000"));
    assertThatThrownBy(() -> TopicProvisioning.provision(connection, specification))
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("retention.ms is 1000, not -1")
        .hasMessageContaining("message.timestamp.type is CreateTime, not LogAppendTime")
        .hasMessageContaining("compression.type is producer, not zstd")
        .hasMessageContaining("max.message.bytes is 1048588, not 65536")
        .hasMessageContaining("partitions are 1, not 2")
        .hasMessageContaining(
            "--add-config compression.type=zstd,max.message.bytes=65536,message.timestamp.type=LogAppendTime,retention.ms=-1")
        .hasMessageContaining("--alter --topic " + specification.topic() + " --partitions 2")
        .extracting(failure -> ((PipelineException) failure).kind())
        .isEqualTo(PipelineException.Kind.USAGE_ERROR);
  }

  @Test
  void shouldRejectACompactedTopic() throws Exception {
    topic.create(Map.of("cleanup.policy", "compact,delete"));
    assertThatThrownBy(() -> TopicProvisioning.provision(connection, specification))
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("is compacted")
        .hasMessageContaining("never compacted");
  }

  @Test
  void shouldAcceptCreateTimeOnlyIfItIsTrusted() throws Exception {
    TopicSpecification wanted = TopicSpecification.log(topic.name(), 1, 1, 64 * 1024);
    topic.create(
        Map.of("retention.ms", "-1", "compression.type", "zstd", "max.message.bytes", "65536"));
    assertThatThrownBy(() -> TopicProvisioning.provision(connection, wanted))
        .hasMessageContaining("message.timestamp.type is CreateTime, not LogAppendTime");
    assertThat(TopicProvisioning.provision(connection, wanted.trustingCreateTime()))
        .isEqualTo(TopicProvisioning.Outcome.PRESENT);
    assertThat(metadata(wanted.topic()).timestampSource()).isEqualTo(TimestampSource.CREATE_TIME);
  }

  private TopicMetadata metadata(String topic) {
    try (EventTopic log = EventTopic.open(connection, topic)) {
      return log.metadata();
    }
  }
}
