package io.foldlog.admin.deadletters;

import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.LogRecord;
import io.foldlog.runtime.ApplicationContext;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The dead letter topic of the settings. Decodes its records with the rules of this release and
 * these settings. For one thread.
 */
final class DeadLetterTopic {

  private final KafkaSettings kafka;
  private final KafkaClients connection;
  private final EventDecoder decoder;

  DeadLetterTopic(ApplicationContext context) {
    this.kafka = KafkaSettings.from(context.settings());
    this.connection = kafka.connection(context.settings().startupTimeout(), context.stop());
    this.decoder = DecodeRules.current(kafka.createTime()).newDecoder();
  }

  String name() {
    return kafka.deadLetterTopic();
  }

  /**
   * Passes every dead letter up to the topic's current end to the receiver, each rejected record
   * once.
   *
   * @throws PipelineException usage error, when the topic does not exist; unavailable, when Kafka
   *     does not answer
   */
  DeadLetters.Contents read(Consumer<DeadLetter> receiver) {
    Objects.requireNonNull(receiver);
    try (EventTopic log = EventTopic.open(connection, name())) {
      return DeadLetters.read(log, log.endOffsets(), receiver);
    }
  }

  /** Decodes the record as the layers of this release do, with its original id and timestamp. */
  DecodeResult decode(LogRecord record) {
    return record.decodeWith(decoder);
  }
}
