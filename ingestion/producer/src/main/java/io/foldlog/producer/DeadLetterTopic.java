package io.foldlog.producer;

import io.foldlog.application.KafkaSettings;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.application.Waiting;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.Decoded;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventDecoder.CreateTime;
import io.foldlog.contract.PipelineException;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.Log;
import io.foldlog.log.LogConnection;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The dead-letter topic of the settings, and how this version and these settings read what stands
 * in it. For one thread.
 */
final class DeadLetterTopic {

  private final KafkaSettings kafka;
  private final LogConnection connection;
  private final Waiting waiting;
  private final EventDecoder decoder;

  DeadLetterTopic(Settings settings, StopSignal stop) {
    this.kafka = KafkaSettings.from(settings);
    this.connection = LogConnection.of(kafka.clientProperties());
    this.waiting = new Waiting(settings.waitLimit(), stop);
    this.decoder =
        DecodeRules.current(kafka.trustCreateTime() ? CreateTime.TRUST : CreateTime.REJECT)
            .newDecoder();
  }

  String name() {
    return kafka.deadLetterTopic();
  }

  /**
   * Hands every letter up to the topic's end as it is now to the receiver, each rejected record
   * once.
   *
   * @throws PipelineException refused, when there is no such topic; unavailable, when Kafka does
   *     not answer
   */
  DeadLetters.Contents read(Consumer<DeadLetter> receiver) throws InterruptedException {
    Objects.requireNonNull(receiver);
    try (Log log = Log.open(connection.within(Producer.ASKING_LIMIT), name())) {
      LogOffsets end =
          waiting.waitFor(
              "Kafka at " + kafka.bootstrapServers(), () -> Optional.of(log.endOffsets()));
      return DeadLetters.read(log, end, receiver);
    }
  }

  /** The record at its own place, as the layers would read it today. */
  Decoded decodedToday(LogRecord record) {
    return record.decodedBy(decoder);
  }
}
