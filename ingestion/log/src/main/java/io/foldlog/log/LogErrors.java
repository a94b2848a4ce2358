package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;

/**
 * The error messages of this module. A method returns the exception, and its caller throws it. A
 * rule completes the sentence "the setting is …; it …".
 *
 * <p>In all methods {@code servers} is the value of {@code bootstrap.servers}, and {@code doing} is
 * a clause that follows "while", as in {@code reading topic users}.
 */
final class LogErrors {

  static final String TOPIC_RULE =
      "must be a topic name: 1 to 249 letters, digits, dots, hyphens and underscores";
  static final String DEAD_LETTER_TOPIC_RULE = "must not be the log itself (kafka.topic)";
  static final String MAX_MESSAGE_BYTES_RULE = "must be from 16 KiB to 64 MiB";
  static final String DELIVERY_TIMEOUT_RULE = "must be from 1 second to 1 day";

  private LogErrors() {}

  // Properties of the clients

  static PipelineException propertiesFileIsUnreadable(Path file, Exception cause) {
    return PipelineException.usageError(
        "The file %s of the setting kafka.properties-file cannot be read: %s. Correct the setting or the file."
            .formatted(file, cause),
        cause);
  }

  static PipelineException transactionalIdIsSet() {
    return PipelineException.usageError(
        "The property transactional.id is set, but the product's own producer does not use transactions. Remove it from the file of the setting kafka.properties-file.");
  }

  static PipelineException propertiesAreRefused(Throwable cause) {
    return PipelineException.usageError(
        "Kafka's client refused its properties: %s. Correct kafka.bootstrap-servers or the file of kafka.properties-file."
            .formatted(reason(cause)),
        cause);
  }

  // Requests

  static PipelineException noAnswer(String servers, String doing, Throwable cause) {
    return PipelineException.unavailable(
        "Kafka at %s did not answer in time while %s: %s. Start it, or correct the setting kafka.bootstrap-servers."
            .formatted(servers, doing, reason(cause)),
        cause);
  }

  /** The reason of {@link #noAnswer}, if the last attempt timed out. */
  static String attemptHadNoAnswer(int attempt, Duration limit) {
    return "attempt %d had no answer within %d ms".formatted(attempt, limit.toMillis());
  }

  /** A plaintext client connected to a TLS listener or to another server than Kafka. */
  static PipelineException listenerIsNotPlaintext(String servers, String doing, Throwable cause) {
    return PipelineException.usageError(
        "The server at %s does not answer like a plaintext Kafka listener while %s. If the listener uses TLS, set security.protocol in the file of the setting kafka.properties-file. Otherwise correct the setting kafka.bootstrap-servers."
            .formatted(servers, doing),
        cause);
  }

  static PipelineException loginIsRefused(String servers, String doing, Throwable cause) {
    return PipelineException.usageError(
        "Kafka at %s refused the login while %s: %s. Correct the credentials in the file of the setting kafka.properties-file."
            .formatted(servers, doing, reason(cause)),
        cause);
  }

  static PipelineException isNotAllowed(String servers, String doing, Throwable cause) {
    return PipelineException.usageError(
        "Kafka at %s does not allow %s: %s. Grant the right, or use a login that has it (kafka.properties-file)."
            .formatted(servers, doing, reason(cause)),
        cause);
  }

  static PipelineException topicOrPartitionIsMissing(
      String servers, String doing, Throwable cause) {
    return PipelineException.usageError(
        "Kafka at %s does not have the topic or partition asked for while %s. Provision it, or correct the setting kafka.topic."
            .formatted(servers, doing),
        cause);
  }

  /** The topic's name is invalid, or it violates a policy of the brokers. */
  static PipelineException topicIsRefused(String servers, String doing, Throwable cause) {
    return PipelineException.usageError(
        "Kafka at %s refused %s: %s. Correct the settings of the section kafka."
            .formatted(servers, doing, reason(cause)),
        cause);
  }

  static PipelineException recordIsTooLarge(String servers, String doing, Throwable cause) {
    return PipelineException.usageError(
        "A record is larger than Kafka at %s accepts, while %s: %s. Raise max.message.bytes of the topic (kafka.max-message-bytes), or leave the record out."
            .formatted(servers, doing, reason(cause)),
        cause);
  }

  /** Any other error that is not retryable. */
  static PipelineException requestIsRefused(String servers, String doing, Throwable cause) {
    return PipelineException.usageError(
        "Kafka at %s refused %s: %s (%s). See the broker's log."
            .formatted(servers, doing, reason(cause), cause.getClass().getSimpleName()),
        cause);
  }

  // Topic

  static PipelineException topicIsMissing(String servers, String topic, Throwable cause) {
    return PipelineException.usageError(
        "Kafka at %s has no topic %s. Provision it, or correct the section kafka of the settings."
            .formatted(servers, topic),
        cause);
  }

  static PipelineException topicIsCompacted(String servers, String topic, String cleanupPolicy) {
    return PipelineException.usageError(
        "Topic %s is compacted (cleanup.policy is %s). Kafka removes older records of a key, so it cannot be the log. Name a topic that was never compacted in the section kafka of the settings. If Kafka has removed no record yet, run: kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config cleanup.policy=delete"
            .formatted(topic, cleanupPolicy, servers, topic));
  }

  static PipelineException topicHasCreateTime(String topic) {
    return PipelineException.usageError(
        "Topic %s keeps its producers' timestamps, so every event would be a dead letter (CLOCK_UNTRUSTED). Set message.timestamp.type=LogAppendTime with kafka-configs.sh, or set kafka.trust-create-time."
            .formatted(topic));
  }

  static PipelineException topicWasRecreated(String topic, String recordedId, String foundId) {
    return PipelineException.stateMismatch(
        "Topic %s was deleted and created again: its id was %s and is %s. The recorded offsets are those of the deleted topic."
            .formatted(topic, recordedId, foundId));
  }

  // Provisioning

  static PipelineException rightsAreMissing(
      String servers, String topic, Collection<AclOperation> rights) {
    return PipelineException.usageError(
        "Kafka at %s does not allow this login %s on topic %s. Grant it (kafka-acls.sh), or use a login that has it (kafka.properties-file)."
            .formatted(servers, rights, topic));
  }

  static PipelineException brokersAreMissing(
      String servers,
      TopicSpecification specification,
      int registered,
      Duration limit,
      Throwable cause) {
    return PipelineException.unavailable(
        "Kafka at %s cannot create topic %s with %d replicas: %d of %d brokers have registered within %d s. Start the others, or lower the setting kafka.replication-factor."
            .formatted(
                servers,
                specification.topic(),
                specification.replicationFactor(),
                registered,
                specification.replicationFactor(),
                limit.toSeconds()),
        cause);
  }

  static PipelineException leadersAreMissing(String servers, String topic, Duration limit) {
    return PipelineException.unavailable(
        "Kafka at %s has not elected a leader for every partition of topic %s within %d s. See the brokers' logs."
            .formatted(servers, topic, limit.toSeconds()),
        null);
  }

  /**
   * An existing topic differs from its specification.
   *
   * @param differences texts of {@link #settingDiffers} and similar methods
   * @param remedies texts of {@link #alterSettings} and similar methods
   */
  static PipelineException topicDiffers(
      String servers, String topic, List<String> differences, List<String> remedies) {
    return PipelineException.usageError(
        "Topic %s at %s differs from the settings: %s. Correct the section kafka of the settings, or the topic: %s."
            .formatted(
                topic, servers, String.join("; ", differences), String.join("; ", remedies)));
  }

  static String settingDiffers(String name, String found, String wanted) {
    return "%s is %s, not %s".formatted(name, found, wanted);
  }

  static String partitionsDiffer(int found, int wanted) {
    return "partitions are %d, not %d".formatted(found, wanted);
  }

  static String replicationFactorDiffers(int found, int wanted) {
    return "the replication factor is %d, not %d".formatted(found, wanted);
  }

  static String alterSettings(String servers, String topic, SortedMap<String, String> wanted) {
    return "kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s"
        .formatted(
            servers,
            topic,
            wanted.entrySet().stream().map(Object::toString).collect(Collectors.joining(",")));
  }

  static String addPartitions(String servers, String topic, int wanted) {
    return "kafka-topics.sh --bootstrap-server %s --alter --topic %s --partitions %d"
        .formatted(servers, topic, wanted);
  }

  static String setPartitions(int found) {
    return "set kafka.partitions to " + found;
  }

  static String setReplicationFactor(int found) {
    return "set kafka.replication-factor to %d, or move the replicas with kafka-reassign-partitions.sh"
        .formatted(found);
  }

  // Reading

  /**
   * The topic no longer holds a range of records.
   *
   * @param until the offset after the last missing record
   */
  static PipelineException recordsAreGone(String topic, int partition, long from, long until) {
    return PipelineException.stateMismatch(
        "Topic %s no longer holds the records %d to %d of partition %d: they were deleted, or the brokers lost them."
            .formatted(topic, from, until - 1, partition));
  }

  static PipelineException noRecordInTime(
      String servers, String topic, Duration limit, Collection<TopicPartition> unread) {
    return PipelineException.unavailable(
        "Kafka at %s returned no record of topic %s for %d s. Partitions not read to the end: %s. Start it, or see the brokers' logs."
            .formatted(servers, topic, limit.toSeconds(), unread),
        null);
  }

  // Records held back by an open transaction

  /**
   * @param age of the oldest record
   */
  static String recordsAreHeldBack(long count, Duration age) {
    return "%d records are held back by an open transaction, the oldest for %d s."
        .formatted(count, age.toSeconds());
  }

  static String transactionHangs(HeldBackRecords.HangingTransaction transaction) {
    return "The transaction of the producer with id %d in partition %d is open for longer than the broker allows, so Kafka will not end it. To end it, run: %s"
        .formatted(transaction.producerId(), transaction.partition(), transaction.command());
  }

  /** The command that aborts a transaction; the script belongs to Kafka. */
  static String abortTransaction(String servers, String topic, int partition, long startOffset) {
    return "kafka-transactions.sh --bootstrap-server %s abort --topic %s --partition %d --start-offset %d"
        .formatted(servers, topic, partition, startOffset);
  }

  // Writing

  static PipelineException clocksDiffer(String servers, long machineMillis, long brokerMillis) {
    return PipelineException.usageError(
        "The clocks of this machine (%s) and of Kafka at %s (%s) are more than 5 minutes apart. The layers may reject the events. Synchronise both clocks (NTP), then run again."
            .formatted(
                Instant.ofEpochMilli(machineMillis), servers, Instant.ofEpochMilli(brokerMillis)));
  }

  static PipelineException notAcknowledgedInTime(String servers, Duration limit, Throwable cause) {
    return PipelineException.unavailable(
        "Kafka at %s did not acknowledge the events in flight within %d s. See its log, and run again."
            .formatted(servers, limit.toSeconds()),
        cause);
  }

  /** The failure has the kind of its reason. */
  static PipelineException notAcknowledged(
      SendCounters counters, String topic, PipelineException reason) {
    String message =
        "%d of %d events were not acknowledged and may be missing from topic %s. %s"
            .formatted(counters.failed(), counters.sent(), topic, reason.getMessage());
    return reason.kind() == PipelineException.Kind.UNAVAILABLE
        ? PipelineException.unavailable(message, reason)
        : PipelineException.usageError(message, reason);
  }

  /** The message of Kafka's client, without the final period. */
  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    String text = message == null ? cause.getClass().getSimpleName() : message.strip();
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }
}
