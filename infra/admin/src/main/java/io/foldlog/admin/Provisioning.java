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
 * Makes topics and view what they are specified as; running it again changes nothing.
 *
 * @param brokers whose topics they are
 * @param topics each is created where it is absent
 * @param view the keyspace with its tables and roles
 * @param limit how long to wait for each server
 * @param stop ends the waiting
 */
record Provisioning(
    KafkaClients brokers,
    List<TopicSpecification> topics,
    ViewProvisioning view,
    Duration limit,
    StopSignal stop) {

  private static final Logger LOG = LoggerFactory.getLogger(Provisioning.class);

  Provisioning {
    Objects.requireNonNull(brokers);
    topics = List.copyOf(topics);
    Objects.requireNonNull(view);
    Objects.requireNonNull(limit);
    Objects.requireNonNull(stop);
  }

  /** A topic and what was done to it. */
  record Topic(String name, TopicProvisioning.Outcome outcome) {}

  /**
   * What is ready to use.
   *
   * @param topics in the order of their specifications
   * @param keyspace of the view
   */
  record Result(List<Topic> topics, String keyspace) {}

  /**
   * Provisions.
   *
   * @throws io.foldlog.contract.PipelineException usage error, when what is there is not as
   *     specified or a right is missing; unavailable, when a server does not answer within the
   *     limit
   * @throws java.util.concurrent.CancellationException when a stop was requested while it waited
   *     for Kafka
   * @throws InterruptedException when that was while it waited for Cassandra
   */
  Result run() throws InterruptedException {
    List<Topic> provisioned = new ArrayList<>();
    KafkaClients waiting = brokers.within(limit, stop::onRequest);
    for (TopicSpecification topic : topics) {
      TopicProvisioning.Outcome outcome = TopicProvisioning.provision(waiting, topic);
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
      view.provision(limit);
    } finally {
      running.set(false);
    }
  }
}
