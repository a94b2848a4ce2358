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
 * The dead-letter topic of the settings, and how this version and these settings read what stands
 * in it. For one thread.
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
   * Hands every letter up to the topic's end as it is now to the receiver, each rejected record
   * once.
   *
   * @throws PipelineException usage error, when there is no such topic; unavailable, when Kafka
   *     does not answer
   */
  DeadLetters.Contents read(Consumer<DeadLetter> receiver) {
    Objects.requireNonNull(receiver);
    try (EventTopic log = EventTopic.open(connection, name())) {
      return DeadLetters.read(log, log.endOffsets(), receiver);
    }
  }

  /** The record at its own place, as the layers would read it today. */
  DecodeResult decodedToday(LogRecord record) {
    return record.decodedBy(decoder);
  }
}
