package io.foldlog.admin;

import io.foldlog.log.KafkaClients;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import io.foldlog.runtime.StopSignal;
import io.foldlog.view.ViewProvisioning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates topics and view as specified. A second run changes nothing.
 *
 * @param brokers the brokers of the topics
 * @param topics the topics to create if they do not exist
 * @param view the keyspace with its tables and roles
 * @param timeout how long to wait for each server
 * @param stop ends the wait
 */
record Provisioning(
    KafkaClients brokers,
    List<TopicSpecification> topics,
    ViewProvisioning view,
    Duration timeout,
    StopSignal stop) {

  private static final Logger LOG = LoggerFactory.getLogger(Provisioning.class);

  Provisioning {
    Objects.requireNonNull(brokers);
    topics = List.copyOf(topics);
    Objects.requireNonNull(view);
    Objects.requireNonNull(timeout);
    Objects.requireNonNull(stop);
  }

  /** A topic and the outcome of its provisioning. */
  record Topic(String name, TopicProvisioning.Outcome outcome) {}

  /**
   * The provisioned topics and keyspace.
   *
   * @param topics the topics, in the order of their specifications
   * @param keyspace the keyspace of the view
   */
  record Result(List<Topic> topics, String keyspace) {}

  /**
   * Provisions topics and view.
   *
   * @throws io.foldlog.contract.PipelineException usage error, when an existing topic or table
   *     differs from its specification or a right is missing; unavailable, when a server does not
   *     answer within the timeout
   * @throws java.util.concurrent.CancellationException when a stop is requested during the wait for
   *     Kafka
   * @throws InterruptedException when a stop is requested during the wait for Cassandra
   */
  Result run() throws InterruptedException {
    List<Topic> provisioned = new ArrayList<>();
    KafkaClients stoppable = brokers.within(timeout, stop::onRequest);
    for (TopicSpecification topic : topics) {
      TopicProvisioning.Outcome outcome = TopicProvisioning.provision(stoppable, topic);
      LOG.info("event=topic_provisioned topic={} outcome={}", topic.topic(), outcome);
      provisioned.add(new Topic(topic.topic(), outcome));
    }
    provisionView();
    LOG.info("event=view_provisioned keyspace={}", view.admin().keyspace());
    return new Result(List.copyOf(provisioned), view.admin().keyspace());
  }

  private void provisionView() throws InterruptedException {
    Thread provisioning = Thread.currentThread();
    AtomicBoolean running = new AtomicBoolean(true);
    stop.onRequest(
        () -> {
          if (running.get()) {
            provisioning.interrupt();
          }
        });
    try {
      view.provision(timeout);
    } finally {
      running.set(false);
    }
  }
}
