package io.foldlog.log;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Creates topics as specified. Idempotent, also when two processes provision concurrently. An
 * existing topic is compared with its specification and never changed.
 */
public final class TopicProvisioning {

  /** The outcome of provisioning. */
  public enum Outcome {
    CREATED,
    /** The topic existed and matches the specification. */
    PRESENT
  }

  private static final Duration POLL = Duration.ofMillis(100);

  private TopicProvisioning() {}

  /**
   * Creates the topic if it does not exist. Returns when the topic matches its specification,
   * clients see it, and the leaders of its partitions serve it.
   *
   * @throws PipelineException usage error, when an existing topic differs; the message names each
   *     setting and the commands that change it; unavailable, when Kafka does not answer within the
   *     connection's limit, or fewer brokers than the topic needs have registered by then
   */
  public static Outcome provision(KafkaClients connection, TopicSpecification specification) {
    try (AdminCalls calls = new AdminCalls(connection)) {
      Outcome outcome =
          describe(calls, specification).isPresent()
              ? Outcome.PRESENT
              : create(calls, connection, specification, new CreateTopicsOptions());
      TopicDescription description = awaitVisible(calls, connection, specification);
      if (outcome == Outcome.PRESENT) {
        rejectDifferences(connection, specification, description, settings(calls, specification));
      }
      awaitLeaders(calls, description);
      return outcome;
    }
  }

  /**
   * Returns when the leader of each partition serves it. A broker that is not ready may refuse the
   * first batch of an idempotent producer and accept the second. The first batch is then out of
   * sequence until it expires.
   */
  private static void awaitLeaders(AdminCalls calls, TopicDescription description) {
    Map<TopicPartition, OffsetSpec> specs =
        description.partitions().stream()
            .collect(
                Collectors.toMap(
                    partition -> new TopicPartition(description.name(), partition.partition()),
                    partition -> OffsetSpec.latest()));
    calls.call(
        "waiting for the leaders of topic " + description.name(),
        admin -> admin.listOffsets(specs).all());
  }

  /**
   * Checks that {@link #provision} would succeed and that the topic can be used. Changes nothing.
   *
   * @return the findings as messages
   * @throws PipelineException usage error, when a setting or a right does not allow it;
   *     unavailable, when Kafka does not answer
   */
  public static List<String> preflight(KafkaClients connection, TopicSpecification specification) {
    String topic = specification.topic();
    String doing = "checking topic " + topic;
    DescribeTopicsOptions withRights =
        new DescribeTopicsOptions().includeAuthorizedOperations(true);
    Function<Admin, KafkaFuture<TopicDescription>> describe =
        admin -> admin.describeTopics(List.of(topic), withRights).topicNameValues().get(topic);
    try (AdminCalls calls = new AdminCalls(connection)) {
      Optional<TopicDescription> found = calls.find(doing, describe);
      if (found.isEmpty()
          && create(calls, connection, specification, new CreateTopicsOptions().validateOnly(true))
              == Outcome.CREATED) {
        return List.of("provisioning will create topic " + topic);
      }
      // a new topic may be known to one broker and not yet to another
      TopicDescription description = found.orElseGet(() -> calls.call(doing, describe));
      rejectDifferences(connection, specification, description, settings(calls, specification));
      requireRights(connection, topic, description.authorizedOperations());
      List<String> findings = new ArrayList<>();
      findings.add("topic %s exists and matches the settings".formatted(topic));
      findings.addAll(heldBack(connection, topic));
      return findings;
    }
  }

  /** A message about the records that an open transaction holds back; empty if there are none. */
  private static List<String> heldBack(KafkaClients connection, String topic) {
    Instant now = Instant.now();
    try (EventTopic log = EventTopic.open(connection, topic)) {
      String message = log.heldBack(log.end(), now).message(now);
      return message.isEmpty() ? List.of() : List.of("topic %s: %s".formatted(topic, message));
    }
  }

  private static void requireRights(
      KafkaClients connection, String topic, Set<AclOperation> allowed) {
    if (allowed == null) {
      return; // old brokers do not return rights
    }
    Set<AclOperation> missing =
        EnumSet.of(
            AclOperation.READ,
            AclOperation.WRITE,
            AclOperation.DESCRIBE,
            AclOperation.DESCRIBE_CONFIGS);
    missing.removeAll(allowed);
    if (!missing.isEmpty() && !allowed.contains(AclOperation.ALL)) {
      throw LogErrors.rightsAreMissing(connection.bootstrapServers(), topic, missing);
    }
  }

  private static NewTopic newTopic(TopicSpecification specification) {
    return new NewTopic(
            specification.topic(),
            specification.partitions(),
            (short) specification.replicationFactor())
        .configs(specification.configuration());
  }

  /**
   * Returns {@link Outcome#PRESENT} if another client, or an attempt that seemed to fail, has
   * created the topic.
   */
  private static Outcome create(
      AdminCalls calls,
      KafkaClients connection,
      TopicSpecification specification,
      CreateTopicsOptions options) {
    try {
      calls.call(
          "creating topic " + specification.topic(),
          admin -> admin.createTopics(List.of(newTopic(specification)), options).all());
      return Outcome.CREATED;
    } catch (PipelineException failure) {
      if (failure.getCause() instanceof TopicExistsException) {
        return Outcome.PRESENT;
      }
      if (failure.getCause() instanceof InvalidReplicationFactorException) {
        throw tooFewBrokers(calls, connection, specification, failure);
      }
      throw failure;
    }
  }

  private static PipelineException tooFewBrokers(
      AdminCalls calls,
      KafkaClients connection,
      TopicSpecification specification,
      PipelineException refusal) {
    int registered =
        calls.call("counting the brokers", admin -> admin.describeCluster().nodes()).size();
    return LogErrors.brokersAreMissing(
        connection.bootstrapServers(), specification, registered, connection.limit(), refusal);
  }

  private static Optional<TopicDescription> describe(
      AdminCalls calls, TopicSpecification specification) {
    String topic = specification.topic();
    return calls.find(
        "looking for topic " + topic,
        admin -> admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
  }

  /**
   * A topic that createTopics has acknowledged becomes visible on every broker only a little later.
   */
  private static TopicDescription awaitVisible(
      AdminCalls calls, KafkaClients connection, TopicSpecification specification) {
    RetryPolicy<Optional<TopicDescription>> untilVisible =
        RetryPolicy.<Optional<TopicDescription>>builder()
            .handleIf(
                (found, thrown) ->
                    thrown == null && found.filter(TopicProvisioning::hasLeaders).isEmpty())
            .withDelay(POLL)
            .withMaxRetries(-1)
            .withMaxDuration(connection.limit())
            .build();
    return Failsafe.with(untilVisible)
        .get(
            () -> {
              connection.requireNotStopped("waiting for topic " + specification.topic());
              return describe(calls, specification);
            })
        .filter(TopicProvisioning::hasLeaders)
        .orElseThrow(
            () ->
                LogErrors.leadersAreMissing(
                    connection.bootstrapServers(), specification.topic(), connection.limit()));
  }

  private static boolean hasLeaders(TopicDescription description) {
    return description.partitions().stream()
        .allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
  }

  private static Config settings(AdminCalls calls, TopicSpecification specification) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, specification.topic());
    return calls.call(
        "reading the settings of topic " + specification.topic(),
        admin -> admin.describeConfigs(List.of(resource)).values().get(resource));
  }

  private static void rejectDifferences(
      KafkaClients connection,
      TopicSpecification specification,
      TopicDescription description,
      Config settings) {
    String topic = specification.topic();
    EventTopic.requireNotCompacted(connection, topic, settings);
    SortedMap<String, String> toAlter = new TreeMap<>();
    List<String> differences = new ArrayList<>();
    specification
        .configuration()
        .forEach(
            (name, wanted) -> {
              String found = value(settings, name);
              if (!found.equals(wanted) && !isTrustedCreateTime(specification, name, found)) {
                toAlter.put(name, wanted);
                differences.add(LogErrors.settingDiffers(name, found, wanted));
              }
            });
    List<String> remedies = new ArrayList<>();
    if (!toAlter.isEmpty()) {
      remedies.add(LogErrors.alterSettings(connection.bootstrapServers(), topic, toAlter));
    }
    int partitions = description.partitions().size();
    if (partitions != specification.partitions()) {
      differences.add(LogErrors.partitionsDiffer(partitions, specification.partitions()));
      remedies.add(
          partitions < specification.partitions()
              ? LogErrors.addPartitions(
                  connection.bootstrapServers(), topic, specification.partitions())
              : LogErrors.setPartitions(partitions));
    }
    int replicas = description.partitions().get(0).replicas().size();
    if (replicas != specification.replicationFactor()) {
      differences.add(
          LogErrors.replicationFactorDiffers(replicas, specification.replicationFactor()));
      remedies.add(LogErrors.setReplicationFactor(replicas));
    }
    if (!differences.isEmpty()) {
      throw LogErrors.topicDiffers(connection.bootstrapServers(), topic, differences, remedies);
    }
  }

  private static boolean isTrustedCreateTime(
      TopicSpecification specification, String name, String found) {
    return specification.required() == TimestampSource.CREATE_TIME
        && name.equals(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG)
        && found.equals("CreateTime");
  }

  private static String value(Config settings, String name) {
    return settings.get(name) == null ? "unknown" : String.valueOf(settings.get(name).value());
  }
}
