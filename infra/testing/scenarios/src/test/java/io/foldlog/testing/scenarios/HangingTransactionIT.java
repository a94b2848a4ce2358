package io.foldlog.testing.scenarios;

import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.admin.verify.VerificationResult;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.local.servers.KafkaTool;
import io.foldlog.log.EventTopic;
import io.foldlog.log.HeldBackRecords.HangingTransaction;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.TestPipeline;
import io.foldlog.view.TestView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another producer leaves a transaction open beside the pipeline's own producer. Acknowledged
 * records wait behind it. No layer fails, and none reports lag 0 or "equal" without their number.
 */
class HangingTransactionIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** Longer than the broker allows a transaction to stay open, and 5 minutes. */
  private static final Duration HANGING = Duration.ofMinutes(21);

  @TempDir private Path folder;
  private TestEnvironment environment;
  private TestPipeline pipeline;

  @Test
  void shouldReportHeldBackRecordsUntilTheTransactionIsAborted() throws Exception {
    environment = TestEnvironment.in(folder, "hanging");
    pipeline = environment.pipeline();
    try (Producer<byte[], byte[]> other = pipeline.transactionalProducer("hanging");
        RunningSpeedLayer layer = environment.startSpeedLayer()) {
      environment.record(registered(1));
      other.beginTransaction();
      // one in each partition
      other.send(pipeline.record(registered(2))).get();
      other.send(pipeline.record(registered(3))).get();
      other.send(pipeline.record(registered(4))).get();
      other.send(pipeline.record(registered(5))).get();
      environment.record(registered(11), registered(12), registered(13), registered(14));
      long heldBack = heldBack();
      assertThat(heldBack).isGreaterThanOrEqualTo(8);

      await().atMost(TIMEOUT).until(() -> status().path("oldest").isTextual());
      environment.awaitDrainedBy(layer);
      assertThat(pipeline.status().path("lag").asLong()).isZero();
      assertThat(status().path("records").asLong()).isEqualTo(heldBack);
      assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      JsonNode report = environment.newestReport();
      assertThat(report.at("/archive/held_back/records").asLong()).isEqualTo(heldBack);
      assertThat(report.at("/reconcile/held_back/records").asLong()).isEqualTo(heldBack);
      assertThat(report.at("/reconcile/outcome").asText()).isEqualTo("CLEAN");
      VerificationResult verified = environment.verify();
      assertThat(verified.isEqual()).isTrue();
      assertThat(verified.heldBack().records()).isEqualTo(heldBack);
      assertThatViewShows(1);

      hangingTransactions().forEach(this::abort);
      environment.awaitDrainedBy(layer);
      await().atMost(TIMEOUT).until(() -> status().path("records").asLong() == 0);
      assertThatViewShows(1, 11, 12, 13, 14);
      assertThat(environment.batch("nightly")).isEqualTo(ExitStatus.SUCCESS);
      assertThat(environment.newestReport().at("/reconcile/outcome").asText()).isEqualTo("CLEAN");
      environment.assertThatViewEqualsFoldOfLog();
    }
  }

  private static UserEvent registered(int number) {
    return TestEvents.registered(user(number), TestEvents.now())
        .set(UserField.FIRST_NAME, "name " + number)
        .build();
  }

  private JsonNode status() throws Exception {
    return pipeline.status().path("held-back");
  }

  private long heldBack() {
    try (EventTopic log = pipeline.log()) {
      return log.end().heldBack();
    }
  }

  private List<HangingTransaction> hangingTransactions() {
    Instant later = Instant.now().plus(HANGING);
    try (EventTopic log = pipeline.log()) {
      return log.heldBack(log.end(), later).hanging();
    }
  }

  /** Runs the command of the message. */
  private void abort(HangingTransaction transaction) {
    try {
      String script = "kafka-transactions.sh ";
      assertThat(transaction.command()).startsWith(script);
      Path output = Files.createTempFile(folder, "abort", ".log");
      Process process =
          KafkaTool.TRANSACTIONS.start(
              output, List.of(transaction.command().substring(script.length()).split(" ")));
      assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    } catch (Exception failure) {
      throw new AssertionError(failure);
    }
  }

  private void assertThatViewShows(int... users) {
    List<UUID> expected = Arrays.stream(users).mapToObj(TestEvents::user).toList();
    try (CqlSession session = pipeline.view().session(TestView.READER)) {
      assertThat(pipeline.view().rows(session)).containsOnlyKeys(expected);
    }
  }
}
