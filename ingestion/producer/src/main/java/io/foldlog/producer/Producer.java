package io.foldlog.producer;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.AckListener;
import io.foldlog.log.EventProducer;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.TopicMetadata;
import io.foldlog.producer.ProducerSettings.SourceKind;
import io.foldlog.runtime.Application;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import io.foldlog.runtime.TimeSpan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The producer application. Records users' events in the log. */
@Command(
    name = "foldlog produce",
    description =
        "Records users' events in the log, until a count, a duration, the end of a file, or SIGTERM.",
    subcommands = {VerifyAcksCommand.class, RegisterSchemasCommand.class})
public final class Producer implements ApplicationCommand {

  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

  /** Java reads an argument's byte that is not of the locale's charset as this character. */
  private static final char REPLACEMENT_CHARACTER = '\uFFFD';

  @Option(
      names = "--source",
      paramLabel = "NAME",
      description =
          "Where events come from: randomuser (the API), synthetic (made up, offline) or file. Else the setting producer.source.")
  private SourceKind source;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description =
          "For --source file: JSON lines. CloudEvents with a time are sent unchanged; flat events and CloudEvents without a time need --as-of.")
  private Path file;

  @Option(
      names = "--batch",
      paramLabel = "EVENTS",
      description = "Number of events per batch, and of users per request to the API.")
  private Integer batch;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "From the start of one batch to the next: seconds, or a time span such as 500ms.")
  private Duration interval;

  @Option(
      names = "--rate",
      paramLabel = "EVENTS",
      description = "Events per second, evenly, instead of batches.")
  private Double rate;

  @Option(
      names = "--count",
      paramLabel = "EVENTS",
      description = "Ends after this number of events.")
  private Long count;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description = "Ends after this time: seconds, or a time span such as 2m.")
  private Duration duration;

  @Option(
      names = "--event-weights",
      paramLabel = "R:U:D",
      description = "For --source synthetic: proportions of registrations, updates and deletions.")
  private String weights;

  @Option(
      names = "--seed",
      paramLabel = "TEXT",
      description =
          "With --as-of: the same seed and time generate the same events again. The API gets a seed of 16 hexadecimal digits, derived from TEXT.")
  private String seed;

  @Option(
      names = "--as-of",
      paramLabel = "TIME",
      description =
          "RFC 3339 time of the first event. The time of each event is this time plus its position in µs.")
  private String asOf;

  @Option(
      names = "--ack-journal",
      paramLabel = "FILE",
      description =
          "Appends the end offsets before the run, then every acknowledged event, as JSON lines. verify-acks reads the file.")
  private Path ackJournal;

  public static void main(String[] arguments) {
    Application.main(new Producer(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Settings settings = context.settings();
    StopSignal stop = context.stop();
    InstantSource clock = context.clock();
    ProducerSettings section = ProducerSettings.from(settings);
    KafkaSettings kafka = KafkaSettings.from(settings);
    ProducerRun.Limits limits = limits();
    Pacing pacing = pacing(section);
    KafkaClients connection = connection(context);
    try (UserSource users = source(section, clock, stop);
        AckJournal journal = ackJournal == null ? null : AckJournal.append(ackJournal)) {
      TopicMetadata log = begin(connection, kafka, journal);
      EventProducer producer =
          new EventProducer(
              connection,
              log,
              kafka.deliveryTimeout(),
              clock,
              stop,
              journal == null ? AckListener.NONE : journal);
      ProducerRun.Ending ending =
          new ProducerRun(users, producer, pacing, limits, stop)
              .run(() -> closingTimeout(kafka, settings, stop));
      ProducerResult result = ending.result();
      context.out().println(result.line());
      return ending
          .failure()
          .map(
              failure ->
                  ApplicationOutcome.of(
                      ExitStatus.of(failure.kind()), failure.getMessage(), result))
          .orElseGet(() -> ApplicationOutcome.success(result));
    }
  }

  /** During a stop, shorter than the shutdown timeout, so that the summary is still printed. */
  private static Duration closingTimeout(KafkaSettings kafka, Settings settings, StopSignal stop) {
    return stop.isRequested()
        ? settings.shutdownTimeout().multipliedBy(3).dividedBy(4)
        : kafka.deliveryTimeout().plusSeconds(10);
  }

  /** Clients of the brokers, which wait up to {@code runtime.startup-timeout}. */
  static KafkaClients connection(ApplicationContext context) {
    return KafkaSettings.from(context.settings())
        .connection(context.settings().startupTimeout(), context.stop());
  }

  private static TopicMetadata begin(
      KafkaClients connection, KafkaSettings kafka, AckJournal journal) {
    try (EventTopic log = EventTopic.open(connection, kafka.topic())) {
      TopicMetadata identity = kafka.requireAcceptedClock(log.metadata());
      if (journal != null) {
        journal.begin(log.endOffsets());
      }
      return identity;
    }
  }

  private ProducerRun.Limits limits() {
    if (count != null && count < 1) {
      throw ProducerErrors.countIsTooSmall(count);
    }
    return new ProducerRun.Limits(
        count == null ? ProducerRun.Limits.NO_COUNT : count,
        duration == null ? ProducerRun.Limits.NO_DURATION : duration);
  }

  private Pacing pacing(ProducerSettings section) {
    if (rate != null && interval != null) {
      throw ProducerErrors.rateAndInterval();
    }
    if (rate != null && !(rate > 0 && rate <= ProducerSettings.MAX_RATE)) {
      throw ProducerErrors.rateIsOutOfRange(rate);
    }
    double evenRate = rate != null ? rate : interval != null ? 0 : section.rate();
    return evenRate > 0
        ? Pacing.perSecond(evenRate)
        : Pacing.batches(batch(section), interval == null ? section.interval() : interval);
  }

  private int batch(ProducerSettings section) {
    int size = batch == null ? section.batch() : batch;
    if (size < 1 || size > ProducerSettings.MAX_BATCH) {
      throw ProducerErrors.batchIsOutOfRange(size);
    }
    return size;
  }

  private UserSource source(ProducerSettings section, InstantSource clock, StopSignal stop) {
    SourceKind kind = source == null ? section.source() : source;
    refuseUnless(kind == SourceKind.FILE || file == null, "--file", SourceKind.FILE);
    refuseUnless(
        kind == SourceKind.SYNTHETIC || weights == null, "--event-weights", SourceKind.SYNTHETIC);
    return switch (kind) {
      case RANDOMUSER -> randomUser(section, clock, stop);
      case SYNTHETIC -> synthetic(section, clock);
      case FILE -> file(clock);
    };
  }

  private static void refuseUnless(boolean holds, String option, SourceKind only) {
    if (!holds) {
      throw ProducerErrors.optionIsOfOtherSource(option, only);
    }
  }

  private UserSource randomUser(ProducerSettings section, InstantSource clock, StopSignal stop) {
    int size = batch(section);
    int max = section.randomUser().maxResults();
    if (size > max) {
      throw ProducerErrors.batchIsLargerThanRequest(size, max);
    }
    requireSeedWithAsOf();
    return new RandomUserSource(
        section.randomUser(), seedOrRandom(), timesOrClock(clock), size, stop);
  }

  private UserSource synthetic(ProducerSettings section, InstantSource clock) {
    requireSeedWithAsOf();
    EventWeights proportions =
        weights == null
            ? section.weights()
            : EventWeights.parse(weights)
                .orElseThrow(() -> ProducerErrors.eventWeightsAreMalformed(weights));
    return new SyntheticSource(seedOrRandom(), proportions, timesOrClock(clock));
  }

  private UserSource file(InstantSource clock) {
    if (file == null) {
      throw ProducerErrors.fileIsNotGiven();
    }
    if (seed != null) {
      throw ProducerErrors.seedWithFile();
    }
    return FileSource.open(
        file, asOf == null ? Optional.empty() : Optional.of(EventTimes.asOf(asOf(clock))), clock);
  }

  private void requireSeedWithAsOf() {
    if ((seed == null) != (asOf == null)) {
      throw seed == null ? ProducerErrors.asOfWithoutSeed() : ProducerErrors.seedWithoutAsOf();
    }
  }

  private Seed seedOrRandom() {
    if (seed == null) {
      return Seed.random();
    }
    if (seed.isBlank() || seed.length() > 256) {
      throw ProducerErrors.seedIsMalformed();
    }
    if (seed.indexOf(REPLACEMENT_CHARACTER) >= 0) {
      throw ProducerErrors.seedIsNotOfLocale();
    }
    return new Seed(seed);
  }

  private EventTimes timesOrClock(InstantSource clock) {
    return asOf == null ? EventTimes.clock(clock) : EventTimes.asOf(asOf(clock));
  }

  /**
   * The instant of {@code --as-of}.
   *
   * @throws PipelineException usage error, when it is not a time, or the layers would reject it
   */
  private Instant asOf(InstantSource clock) {
    Instant instant;
    try {
      instant = OffsetDateTime.parse(asOf).toInstant();
    } catch (DateTimeParseException malformed) {
      throw ProducerErrors.asOfIsMalformed(asOf);
    }
    if (instant.isBefore(EARLIEST)
        || instant.isAfter(clock.instant().plus(EventProducer.MAX_CLOCK_DIFFERENCE))) {
      throw ProducerErrors.asOfIsOutOfRange(asOf);
    }
    return instant;
  }
}
