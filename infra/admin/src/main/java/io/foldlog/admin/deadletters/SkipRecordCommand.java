package io.foldlog.admin.deadletters;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.admin.errors.AdminErrors;
import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.SkippedRecord;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.AckListener;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventProducer;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.LogId;
import io.foldlog.log.LogRecord;
import io.foldlog.log.OutgoingEvent;
import io.foldlog.log.SendCounters;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.StartupTimeout;
import io.foldlog.view.CassandraSettings;
import io.foldlog.view.SkippedRecords;
import io.foldlog.view.SkippedRecords.Outcome;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewSession;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Takes a record out of the way of all readers and loses nothing. A record that is an event is
 * published again at the end of the log as an equal event: same id, time and content, without what
 * made it large. Applying an event twice changes nothing, so a layer that has processed the record
 * loses nothing either. Any other record becomes a dead letter.
 *
 * <p>The later records of the same batch are treated alike, because no client can reach them
 * without unpacking the record.
 */
@Command(
    name = "skip",
    description = {
      "Skips a record at which a layer ended twice, or whose write Cassandra refuses for ever.",
      "Reads the record and the later records of its batch with the memory of this machine. Records those that are events again, at the end of the log, as equal events. The others become dead letters (SKIPPED_BY_OPERATOR). Every reader of the log passes over the records from its next start on. Skipping twice changes nothing."
    })
final class SkipRecordCommand implements ApplicationCommand {

  private static final Pattern RECORD =
      Pattern.compile("(?:([A-Za-z0-9_-]+)(?:#[0-9]{1,9})?:)?([0-9]{1,9}):([0-9]{1,18})");
  private static final long MIB = 1024 * 1024;

  /** A record takes at most this part of the heap of a layer that can process it. */
  private static final int HEAP_FACTOR = 10;

  @Parameters(
      paramLabel = "RECORD",
      description =
          "The record id as the layer's message names it: TOPIC_ID:PARTITION:OFFSET, or PARTITION:OFFSET.")
  private String record;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      required = true,
      description = "Why the record is skipped. It is stored with the record and the dead letter.")
  private String reason;

  @Option(
      names = "--as-dead-letter",
      description =
          "Makes the records dead letters, also those that are events: for a record whose write Cassandra refuses for ever.")
  private boolean asDeadLetter;

  /**
   * The result.
   *
   * @param record the record id
   * @param skipped the number of skipped records: the record and the later ones of its batch
   * @param events skipped records that are events and were published again
   * @param deadLetters skipped records that became dead letters
   * @param largestBytes the size of the largest record: key, value and headers
   * @param sufficientHeapMebibytes a heap with which a layer could have processed the records
   */
  record SkipResult(
      String record,
      int skipped,
      long events,
      long deadLetters,
      long largestBytes,
      long sufficientHeapMebibytes) {

    String text() {
      return "record=%s skipped=%d events=%d dead_letters=%d largest_bytes=%d%nA heap of %d MiB would have been enough. Start the layers: they pass over the record."
          .formatted(record, skipped, events, deadLetters, largestBytes, sufficientHeapMebibytes);
    }
  }

  private record Position(Optional<String> topicId, int partition, long offset) {}

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Position position = position();
    KafkaSettings kafka = KafkaSettings.from(context.settings());
    CassandraSettings cassandra = CassandraSettings.from(context.settings());
    KafkaClients brokers = kafka.connection(context.settings().startupTimeout(), context.stop());
    ViewConnection connection = cassandra.connection(cassandra.writer());
    StartupTimeout timeout =
        new StartupTimeout(context.settings().startupTimeout(), context.stop());
    try (EventTopic log = EventTopic.open(brokers, kafka.topic());
        CqlSession session =
            timeout.waitFor(
                "Cassandra at " + connection.hosts(),
                () -> Optional.of(ViewSession.open(connection)))) {
      TopicMetadata metadata = kafka.requireAcceptedClock(log.metadata());
      position
          .topicId()
          .filter(topicId -> !topicId.equals(metadata.topicId()))
          .ifPresent(
              topicId -> {
                throw AdminErrors.recordOfAnotherTopic(log.topic(), topicId, metadata.topicId());
              });
      EndOffsets end = log.end();
      List<LogRecord> batch = read(log, position);
      SkipResult result = publish(context, kafka, brokers, metadata, batch);
      Integer epoch = end.leaderEpochs().get(position.partition());
      OptionalInt leaderEpoch = epoch == null ? OptionalInt.empty() : OptionalInt.of(epoch);
      SkippedRecords skipped = new SkippedRecords(session, cassandra.keyspace());
      DeadLetterTopic topic = new DeadLetterTopic(context);
      // the record itself last: until then a reader ends at it again
      for (int index = batch.size() - 1; index >= 0; index--) {
        LogRecord each = batch.get(index);
        Outcome outcome =
            isPublished(topic.decode(each)) ? Outcome.PUBLISHED_AGAIN : Outcome.DEAD_LETTER;
        skipped.record(
            metadata.topicId(),
            new SkippedRecord(each.partition(), each.offset(), leaderEpoch),
            outcome,
            reason);
      }
      context.out().println(result.text());
      return ApplicationOutcome.success(result);
    }
  }

  private Position position() {
    Matcher matcher = RECORD.matcher(record);
    if (!matcher.matches()) {
      throw AdminErrors.recordIdIsMalformed(record);
    }
    return new Position(
        Optional.ofNullable(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Long.parseLong(matcher.group(3)));
  }

  private static List<LogRecord> read(EventTopic log, Position position) {
    List<LogRecord> batch;
    try {
      batch = log.readBatch(position.partition(), position.offset());
    } catch (OutOfMemoryError heap) {
      throw AdminErrors.recordExceedsMachine(
          position.partition(), position.offset(), Runtime.getRuntime().maxMemory() / MIB, heap);
    }
    if (batch.isEmpty()) {
      throw AdminErrors.recordToSkipIsMissing(log.topic(), position.partition(), position.offset());
    }
    return batch;
  }

  /** Publishes each record as an event or as a dead letter, and waits until all are durable. */
  private SkipResult publish(
      ApplicationContext context,
      KafkaSettings kafka,
      KafkaClients brokers,
      TopicMetadata metadata,
      List<LogRecord> batch)
      throws InterruptedException {
    DeadLetterTopic topic = new DeadLetterTopic(context);
    Duration deliveryTimeout = kafka.deliveryTimeout();
    EventProducer producer =
        new EventProducer(
            brokers, metadata, deliveryTimeout, context.clock(), context.stop(), AckListener.NONE);
    long rejected = 0;
    long largest = 0;
    SendCounters counters;
    try (DeadLetters deadLetters = DeadLetters.open(brokers, kafka.deadLetterTopic())) {
      for (LogRecord each : batch) {
        largest = Math.max(largest, each.bytes());
        DecodeResult decoded = topic.decode(each);
        if (isPublished(decoded)) {
          if (!producer.send(
              OutgoingEvent.of((UserEvent) decoded, "the skipped record " + each.id()))) {
            throw new CancellationException("A stop was requested while skipping " + each.id());
          }
        } else {
          deadLetters.send(new DeadLetter(each, metadata.topic(), skipped(decoded)));
          rejected++;
        }
      }
      deadLetters.flush();
    } finally {
      counters = producer.close(deliveryTimeout.plusSeconds(10));
    }
    Optional<PipelineException> failure = producer.failure(counters);
    if (failure.isPresent()) {
      throw failure.get();
    }
    return new SkipResult(
        LogId.of(metadata.topicId()) + ":" + batch.get(0).partition() + ":" + batch.get(0).offset(),
        batch.size(),
        counters.acknowledged(),
        rejected,
        largest,
        Math.max(1, HEAP_FACTOR * largest / MIB));
  }

  private boolean isPublished(DecodeResult decoded) {
    return decoded instanceof UserEvent && !asDeadLetter;
  }

  private Rejection skipped(DecodeResult decoded) {
    return decoded instanceof Rejection rejection
        ? new Rejection(
            Rejection.Code.SKIPPED_BY_OPERATOR,
            rejection.field(),
            "Skipped by an operator: %s. The record is not an event: %s (%s)."
                .formatted(reason, rejection.message(), rejection.code()))
        : new Rejection(
            Rejection.Code.SKIPPED_BY_OPERATOR,
            "",
            "Skipped by an operator: %s. The record is an event.".formatted(reason));
  }
}
