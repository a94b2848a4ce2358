package io.foldlog.speed;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.StartupTimeout;
import io.foldlog.runtime.StopSignal;
import io.foldlog.speed.errors.SpeedLayerErrors;
import io.foldlog.speed.meters.DriverMeters;
import io.foldlog.speed.sink.ConnectorSession;
import io.foldlog.speed.sink.QueryContext;
import io.foldlog.speed.sink.SinkSettings;
import io.foldlog.view.CassandraSettings;
import io.foldlog.view.LayerRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One streaming query from the log into the view, and all that belongs to it: from waiting for the
 * servers to its end, at which everything it opened is closed. Any number of them may run in one
 * JVM and one Spark session at the same time.
 */
public final class StreamingPipeline {

  private static final Logger LOG = LoggerFactory.getLogger(StreamingPipeline.class);

  /** The layer's name in the registry of running layers. */
  static final String LAYER = "speed-layer";

  /**
   * Of one question about the log while the query runs, so that it does not outlast the watchdog's
   * limit: the watchdog and the commits ask again until {@code speed-layer.outage-timeout}.
   */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  /** How long a query may take to end once everything it waits for is closed. */
  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  private static final long POLL_MILLIS = 200;

  private final String id = LAYER + "-" + UUID.randomUUID();
  private final SpeedLayerSettings settings;
  private final KafkaSettings kafka;
  private final CassandraSettings cassandra;
  private final SparkSessionSource spark;
  private final DecodeRules rules;
  private final StartupTimeout waiting;
  private final StopSignal stop;
  private final InstantSource clock;
  private final KafkaClients atStart;
  private final KafkaClients whileRunning;
  private final Checkpoint checkpoint;

  /**
   * @param spark is opened once servers, log and checkpoint are in order; it stays the caller's to
   *     close
   * @param rules by which records are decoded
   * @param waiting how long servers may take to start, and the signal that ends the query
   */
  public StreamingPipeline(
      SpeedLayerSettings settings,
      KafkaSettings kafka,
      CassandraSettings cassandra,
      SparkSessionSource spark,
      DecodeRules rules,
      StartupTimeout waiting,
      InstantSource clock) {
    this.settings = settings;
    this.kafka = kafka;
    this.cassandra = cassandra;
    this.spark = spark;
    this.rules = rules;
    this.waiting = waiting;
    this.stop = waiting.stop();
    this.clock = clock;
    this.atStart = kafka.connection(waiting.limit(), stop);
    this.whileRunning = kafka.connection().within(ANSWER_LIMIT);
    this.checkpoint = new Checkpoint(settings.checkpoint());
  }

  /**
   * Runs the query until the stop signal is raised or it fails.
   *
   * @return how the query ended, once it was started
   * @throws PipelineException when it could not be started
   * @throws InterruptedException when the stop signal was raised before it was started, or {@link
   *     java.util.concurrent.CancellationException}
   */
  public SpeedLayerResult run() throws Exception {
    ServerReadiness readiness = new ServerReadiness(waiting);
    readiness.awaitView(cassandra.connection(cassandra.writer()));
    StartPosition start = startPosition(readiness);
    SparkSession session = SparkSettings.forQuery(spark.open(settings), settings);
    requireSlots(session, start.log());
    try (EventTopic log = EventTopic.open(whileRunning, kafka.topic())) {
      return run(session, log, start);
    }
  }

  private StartPosition startPosition(ServerReadiness readiness) throws InterruptedException {
    try (EventTopic log = EventTopic.open(atStart, kafka.topic());
        EventTopic deadLetters = EventTopic.open(atStart, kafka.deadLetterTopic())) {
      TopicMetadata identity = readiness.awaitTopic(log, atStart.bootstrapServers());
      readiness.awaitTopic(deadLetters, atStart.bootstrapServers());
      warnOfUntrustedClock(identity);
      return StartPosition.of(checkpoint, settings.trigger(), rules, log, identity);
    }
  }

  @SuppressWarnings("try") // a context and a registration are only to be open meanwhile
  private SpeedLayerResult run(SparkSession session, EventTopic log, StartPosition start)
      throws Exception {
    FirstFailure failure = new FirstFailure();
    DriverMeters meters = new DriverMeters();
    CommitGate gate =
        new CommitGate(
            settings.trigger(),
            settings.outageTimeout(),
            checkpoint,
            ObservedLog.of(log, checkpoint),
            start,
            meters,
            stop,
            failure,
            System::nanoTime);
    StatusPublisher status =
        new StatusPublisher(
            settings.statusFile(),
            settings.trigger(),
            start.log(),
            gate::progress,
            meters::snapshot,
            clock);
    SinkSettings sink = sink(session, start.log());
    StatusPublisher.State end = StatusPublisher.State.FAILED;
    try (QueryContext context = QueryContext.open(sink, gate, meters);
        CqlSession view = openView(sink);
        LayerRegistry.Registration registration =
            new LayerRegistry(view, sink.keyspace()).register(LAYER, id, rules.version())) {
      Optional<PipelineException> failed = runQuery(session, sink, gate, status, failure);
      end = failed.isPresent() ? StatusPublisher.State.FAILED : StatusPublisher.State.STOPPED;
      return result(failed, start.log(), gate.progress());
    } finally {
      status.publish(end);
    }
  }

  /** A node may go away right after the view was waited for. */
  private CqlSession openView(SinkSettings sink) throws InterruptedException {
    return waiting.waitFor(
        "Cassandra, to the Spark Cassandra connector,",
        () -> Optional.of(ConnectorSession.open(sink.connectorConf())));
  }

  /** Empty when it was stopped. */
  private Optional<PipelineException> runQuery(
      SparkSession session,
      SinkSettings sink,
      CommitGate gate,
      StatusPublisher status,
      FirstFailure failure)
      throws Exception {
    StreamingQuery query = startQuery(session, sink);
    Optional<PipelineException> failed;
    Optional<PipelineException> left;
    try (Watch watch = new Watch()) {
      StallWatchdog watchdog =
          new StallWatchdog(
              settings.trigger(),
              settings.outageTimeout(),
              waiting.limit(),
              gate::requireSound,
              gate::commits,
              failure,
              System::nanoTime);
      watch.everySecond(watchdog::tick);
      watch.everySecond(() -> status.publish(StatusPublisher.State.RUNNING));
      LOG.info(
          "event=started layer=speed-layer trigger={} topic={} topic_id={} checkpoint={} instance={}",
          settings.trigger().settingName(),
          sink.topic(),
          sink.topicId(),
          settings.checkpoint(),
          id);
      failed = awaitEnd(query, gate, failure);
    } finally {
      left = new QueryStop(session.sparkContext(), query, END_LIMIT).stop();
    }
    return failed.or(() -> left);
  }

  private StreamingQuery startQuery(SparkSession session, SinkSettings sink) {
    try {
      return UserEventQuery.start(session, settings, sink, kafka.clientProperties());
    } catch (TimeoutException earlier) {
      throw SpeedLayerErrors.earlierQueryStillRuns(settings.checkpoint(), earlier);
    }
  }

  private Optional<PipelineException> awaitEnd(
      StreamingQuery query, CommitGate gate, FirstFailure failure) throws Exception {
    try {
      while (!stop.requested() && failure.get().isEmpty()) {
        if (query.awaitTermination(POLL_MILLIS)) {
          throw new IllegalStateException("The query ended by itself");
        }
      }
    } catch (StreamingQueryException thrown) {
      if (!stop.requested()) {
        LOG.debug("event=query_failed", thrown);
        return Optional.of(diagnosis(thrown, gate, failure));
      }
    }
    return stop.requested() ? Optional.empty() : failure.get();
  }

  /** What is known of the log tells more than what Spark ran into because of it. */
  private PipelineException diagnosis(
      StreamingQueryException thrown, CommitGate gate, FirstFailure failure) throws Exception {
    if (failure.get().isPresent()) {
      return failure.get().get();
    }
    try {
      gate.requireSound();
    } catch (PipelineException found) {
      if (found.kind() == PipelineException.Kind.STATE_MISMATCH) {
        return found;
      }
    }
    Exception translated =
        QueryFailure.of(thrown, checkpoint, whileRunning, gate.progress().offsets());
    if (translated instanceof PipelineException known) {
      return known;
    }
    throw translated;
  }

  private static SpeedLayerResult result(
      Optional<PipelineException> failed, TopicMetadata log, QueryProgress progress) {
    return new SpeedLayerResult(
        failed
            .map(failure -> SpeedLayerResult.Ending.of(failure.kind()))
            .orElse(SpeedLayerResult.Ending.STOP_REQUESTED),
        failed.map(PipelineException::getMessage).orElse(""),
        log.topic(),
        log.topicId(),
        progress.read(),
        progress.written(),
        progress.rejected(),
        progress.offsets().byPartition());
  }

  private SinkSettings sink(SparkSession session, TopicMetadata log) {
    return new SinkSettings(
        id,
        log.topic(),
        log.topicId(),
        kafka.deadLetterTopic(),
        rules,
        cassandra.keyspace(),
        settings.maxWritesInFlight(),
        settings.outageTimeout(),
        texts(kafka.clientProperties()),
        SparkSettings.connector(session, settings, cassandra));
  }

  private void warnOfUntrustedClock(TopicMetadata identity) {
    if (identity.timestampSource() == TimestampSource.CREATE_TIME
        && rules.createTime() == EventDecoder.CreateTime.REJECT) {
      LOG.warn(
          "event=clock_not_trusted topic={} message.timestamp.type=CreateTime action=\"every record becomes a dead letter, unless kafka.trust-create-time is set\"",
          identity.topic());
    }
  }

  /**
   * Continuous mode keeps a slot busy for each partition; with fewer, Spark hangs silently. Those
   * of a cluster come once it has started what runs the tasks.
   */
  private void requireSlots(SparkSession session, TopicMetadata identity)
      throws InterruptedException {
    int wanted = identity.partitions();
    if (settings.trigger() != TriggerMode.CONTINUOUS) {
      return;
    }
    if (!session.sparkContext().isLocal()) {
      waiting.waitFor(
          "Spark at %s with a task slot for each of the %d partitions of the topic %s"
              .formatted(session.sparkContext().master(), wanted, identity.topic()),
          () -> Optional.of(SparkSettings.taskSlots(session)).filter(slots -> slots >= wanted));
      return;
    }
    int slots = SparkSettings.taskSlots(session);
    if (slots < wanted) {
      throw SpeedLayerErrors.notEnoughTaskSlots(identity.topic(), wanted, slots);
    }
  }

  private static Map<String, String> texts(Properties properties) {
    Map<String, String> texts = new HashMap<>();
    properties.stringPropertyNames().forEach(name -> texts.put(name, properties.getProperty(name)));
    return texts;
  }

  /** The scheduled work of one query. */
  private static final class Watch implements AutoCloseable {

    /** One each, so that the status goes on while the log does not answer. */
    private static final int THREADS = 2;

    private final ScheduledExecutorService timer =
        Executors.newScheduledThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "query-watch");
              thread.setDaemon(true);
              return thread;
            });

    void everySecond(Runnable task) {
      timer.scheduleAtFixedRate(task, 0, 1, TimeUnit.SECONDS);
    }

    /** Returns when nothing of it runs any more, unless that takes longer than one answer. */
    @Override
    public void close() {
      timer.shutdownNow();
      try {
        timer.awaitTermination(ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS);
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
