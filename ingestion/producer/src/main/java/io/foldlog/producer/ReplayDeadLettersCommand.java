package io.foldlog.producer;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.KafkaSettings;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.application.Waiting;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.DeadLetter;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.LogConnection;
import io.foldlog.log.LogIdentity;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Records again, as CloudEvents, what was rejected and is an event now. Each has the id and the
 * time of its original place, so it is the very event that a fold of the original finds, and
 * recording it twice changes nothing.
 */
@Command(
    name = "replay",
    description = {
      "Records again what was rejected and is an event now.",
      "Reads every dead letter anew, at its original place, and records the event in the log with its id and time: after a newer release, or once kafka.trust-create-time vouches for an old topic. What is no event still stays where it is. Replaying again changes nothing."
    })
final class ReplayDeadLettersCommand implements ApplicationCommand {

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      description = "Only those: ${COMPLETION-CANDIDATES}.")
  private Rejection.Code reason;

  @Option(names = "--dry-run", description = "Counts what would be recorded, and records nothing.")
  private boolean dryRun;

  private final InstantSource clock = InstantSource.system();

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    KafkaSettings kafka = KafkaSettings.from(settings);
    LogConnection connection = LogConnection.of(kafka.clientProperties());
    LogIdentity log =
        Producer.awaitLog(
            connection, kafka, Acknowledged.ignored(), new Waiting(settings.waitLimit(), stop));
    DeadLetterTopic topic = new DeadLetterTopic(settings, stop);
    Replay replay = new Replay(topic, log);
    if (dryRun) {
      DeadLetters.Contents contents = topic.read(letter -> replay.event(letter));
      System.out.println(replay.summary(contents) + " dry_run=true");
      return ExitStatus.DONE;
    }
    Duration deliveryLimit = ProducerSettings.from(settings).deliveryLimit();
    LogProducer producer =
        new LogProducer(connection, log, deliveryLimit, clock, stop, Acknowledged.ignored());
    String read = "ended=failure";
    try {
      DeadLetters.Contents contents =
          topic.read(
              letter -> {
                if (!stop.requested()) {
                  replay.event(letter).ifPresent(event -> send(event, letter, producer));
                }
              });
      read = replay.summary(contents);
    } finally {
      Tally tally = producer.close(deliveryLimit.plusSeconds(10));
      System.out.printf(
          "%s sent=%d acknowledged=%d failed=%d%n",
          read, tally.sent(), tally.acknowledged(), tally.failed());
      producer.requireNoFailure(tally);
    }
    return ExitStatus.DONE;
  }

  private static void send(UserEvent event, DeadLetter letter, LogProducer producer) {
    try {
      producer.send(OutgoingEvent.of(event, "the dead letter of " + letter.record().place()));
    } catch (InterruptedException nobodyDoes) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(nobodyDoes);
    }
  }

  /** Chooses what to record, and keeps the account of what was not. */
  private final class Replay {

    private final DeadLetterTopic topic;
    private final LogIdentity log;
    private long events;
    private long rejected;
    private long ofFormerTopics;
    private long leftOut;

    Replay(DeadLetterTopic topic, LogIdentity log) {
      this.topic = topic;
      this.log = log;
    }

    Optional<UserEvent> event(DeadLetter letter) {
      if (reason != null && letter.rejection().code() != reason) {
        return Optional.empty();
      }
      if (!letter.record().place().topicId().equals(log.topicId())) {
        ofFormerTopics++;
        return Optional.empty();
      }
      if (letter.leftOutBytes() > 0) {
        leftOut++;
        return Optional.empty();
      }
      if (topic.decodedToday(letter.record()) instanceof UserEvent event && isNotAhead(event)) {
        events++;
        return Optional.of(event);
      }
      rejected++;
      return Optional.empty();
    }

    /** What a producer's trusted clock put ahead of all others would be a dead letter again. */
    private boolean isNotAhead(UserEvent event) {
      return event.timeMicros() <= (clock.millis() + EventDecoder.MAX_AHEAD_MILLIS) * 1000;
    }

    String summary(DeadLetters.Contents contents) {
      return "letters=%d events=%d still_rejected=%d of_former_topics=%d left_out=%d others=%d"
          .formatted(
              contents.letters(), events, rejected, ofFormerTopics, leftOut, contents.others());
    }
  }
}
