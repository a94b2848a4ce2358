package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.local.servers.KafkaNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The only broker stops answering for a while; it is this test's own. */
class BrokerFailureIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir static Path folder;

  @Test
  void shouldAnswerOnceAFrozenBrokerGoesOn() throws Exception {
    try (KafkaNode broker = KafkaNode.in(folder)) {
      broker.start();
      TestTopic topic = TestTopic.absent(broker, "frozen").provision();
      topic.send(0, "a");
      try (Log opened = Log.open(topic.connection().within(LIMIT), topic.name())) {
        assertThat(opened.endOffsets().sum()).isEqualTo(1);
        broker.freeze();
        CompletableFuture<Void> thawed =
            CompletableFuture.runAsync(
                broker::thaw, CompletableFuture.delayedExecutor(6, TimeUnit.SECONDS));
        assertThat(opened.endOffsets().sum()).isEqualTo(1);
        thawed.join();
      }
    }
  }
}
