package io.foldlog.admin.deadletters;

import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.AckListener;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.EventProducer;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.OutgoingEvent;
import io.foldlog.log.SendCounters;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Records rejected records again as CloudEvents if they are valid events now. Each event has the
 * event id and the time that follow from the original record. It is therefore the same event that a
 * fold of the original record finds, and recording it twice changes nothing.
 */
@Command(
    name = "replay",
    description = {
      "Records rejected records again if they are valid events now.",
      "Decodes every dead letter with its original partition, offset and timestamp, and records the events as CloudEvents with the same id and time: after a newer release, or with kafka.trust-create-time for an old topic. The others stay as they are. Replaying twice changes nothing."
    })
final class ReplayDeadLettersCommand implements ApplicationCommand {

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      description = "Replays only records with this reason: ${COMPLETION-CANDIDATES}.")
  private Rejection.Code reason;

  @Option(names = "--dry-run", description = "Counts the events to record, but records nothing.")
  private boolean dryRun;

  /**
   * The counts of a replay.
   *
   * @param deadLetters rejected records that were read
   * @param events rejected records that are events now
   * @param stillRejected records that are still rejected
   * @param ofFormerTopics records of a topic that was deleted
   * @param leftOut records whose content exceeds the limit of the dead letter topic
   * @param others records of the topic that are not dead letters of this version
   * @param dryRun whether the run only counts
   * @param acknowledged events that Kafka has acknowledged
   */
  record ReplayResult(
      long deadLetters,
      long events,
      long stillRejected,
      long ofFormerTopics,
      long leftOut,
      long others,
      boolean dryRun,
      long acknowledged) {}

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Settings settings = context.settings();
    StopSignal stop = context.stop();
    KafkaSettings kafka = KafkaSettings.from(settings);
    KafkaClients connection = kafka.connection(settings.startupTimeout(), stop);
    TopicMetadata log = metadata(connection, kafka);
    DeadLetterTopic topic = new DeadLetterTopic(context);
    Replay replay = new Replay(topic, log, context.clock());
    if (dryRun) {
      DeadLetters.Contents contents = topic.read(deadLetter -> replay.select(deadLetter));
      context.out().println(replay.summary(contents) + " dry_run=true");
      return ApplicationOutcome.success(replay.result(contents, Optional.empty()));
    }
    Duration deliveryTimeout = kafka.deliveryTimeout();
    EventProducer producer =
        new EventProducer(
            connection, log, deliveryTimeout, context.clock(), stop, AckListener.NONE);
    Optional<DeadLetters.Contents> contents = Optional.empty();
    RuntimeException failure = null;
    SendCounters counters;
    try {
      contents =
          Optional.of(
              topic.read(
                  deadLetter -> {
                    if (!stop.isRequested()) {
                      replay
                          .select(deadLetter)
                          .ifPresent(event -> send(event, deadLetter, producer));
                    }
                  }));
    } catch (PipelineException | CancellationException thrown) {
      failure = thrown;
    } finally {
      counters = producer.close(deliveryTimeout.plusSeconds(10));
    }
    context
        .out()
        .printf(
            "%s sent=%d acknowledged=%d failed=%d%n",
            contents
                .map(replay::summary)
                .orElse(stop.isRequested() ? "ended=stopped" : "ended=failure"),
            counters.sent(),
            counters.acknowledged(),
            counters.failed());
    Optional<PipelineException> unacknowledged = producer.failure(counters);
    if (unacknowledged.isPresent()) {
      throw unacknowledged.get();
    }
    if (failure != null) {
      throw failure;
    }
    return ApplicationOutcome.success(replay.result(contents.orElseThrow(), Optional.of(counters)));
  }

  private static TopicMetadata metadata(KafkaClients connection, KafkaSettings kafka) {
    try (EventTopic log = EventTopic.open(connection, kafka.topic())) {
      return kafka.requireAcceptedClock(log.metadata());
    }
  }

  private static void send(UserEvent event, DeadLetter deadLetter, EventProducer producer) {
    try {
      producer.send(OutgoingEvent.of(event, "the dead letter of " + deadLetter.record().id()));
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interruption);
    }
  }

  /** Selects the events to record, and counts the dead letters that are not recorded. */
  private final class Replay {

    private final DeadLetterTopic topic;
    private final TopicMetadata log;
    private final InstantSource clock;
    private long events;
    private long rejected;
    private long ofFormerTopics;
    private long leftOut;

    Replay(DeadLetterTopic topic, TopicMetadata log, InstantSource clock) {
      this.topic = topic;
      this.log = log;
      this.clock = clock;
    }

    Optional<UserEvent> select(DeadLetter deadLetter) {
      if (reason != null && deadLetter.rejection().code() != reason) {
        return Optional.empty();
      }
      if (!deadLetter.record().id().logId().topicId().equals(log.topicId())) {
        ofFormerTopics++;
        return Optional.empty();
      }
      if (deadLetter.omittedBytes() > 0) {
        leftOut++;
        return Optional.empty();
      }
      if (topic.decode(deadLetter.record()) instanceof UserEvent event && isNotAhead(event)) {
        events++;
        return Optional.of(event);
      }
      rejected++;
      return Optional.empty();
    }

    /** An event that is too far ahead of the present would become a dead letter again. */
    private boolean isNotAhead(UserEvent event) {
      return event.timeMicros() <= (clock.millis() + EventDecoder.MAX_AHEAD_MILLIS) * 1000;
    }

    ReplayResult result(DeadLetters.Contents contents, Optional<SendCounters> counters) {
      return new ReplayResult(
          contents.deadLetters(),
          events,
          rejected,
          ofFormerTopics,
          leftOut,
          contents.others(),
          counters.isEmpty(),
          counters.map(SendCounters::acknowledged).orElse(0L));
    }

    String summary(DeadLetters.Contents contents) {
      return "dead_letters=%d events=%d still_rejected=%d of_former_topics=%d left_out=%d others=%d"
          .formatted(
              contents.deadLetters(), events, rejected, ofFormerTopics, leftOut, contents.others());
    }
  }
}
