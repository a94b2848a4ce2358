package io.foldlog.speed;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampSource;
import io.foldlog.log.EventTopic;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.PoisonRecords;
import io.foldlog.log.TopicMetadata;
import io.foldlog.runtime.StartupTimeout;
import io.foldlog.runtime.StopSignal;
import io.foldlog.speed.errors.SpeedLayerErrors;
import io.foldlog.speed.meters.DriverMeters;
import io.foldlog.speed.sink.ConnectorSession;
import io.foldlog.speed.sink.QueryContext;
import io.foldlog.speed.sink.SinkSettings;
import io.foldlog.view.CassandraSettings;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.LayerPositions;
import io.foldlog.view.LayerPositions.Published;
import io.foldlog.view.LayerRegistry;
import io.foldlog.view.SkippedRecords;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A streaming query from the log into the view. It waits for the servers, starts the query, runs it
 * to its end and closes everything that it opened. Several pipelines may run in one JVM and one
 * Spark session at the same time.
 */
public final class StreamingPipeline {

  private static final Logger LOG = LoggerFactory.getLogger(StreamingPipeline.class);

  /** The layer's name in the registry of running layers. */
  static final String LAYER = "speed-layer";

  /**
   * Timeout of one request about the log while the query runs. The watchdog and the commits repeat
   * the request until {@code speed-layer.outage-timeout}.
   */
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);

  /** How long a query may take to end after its sources are closed. */
  private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

  private static final long POLL_MILLIS = 200;
  private static final long MEBIBYTE = 1L << 20;

  /** The query has not read records further past its position. */
  private static final long MAX_OFFSETS_READ_AHEAD = 20_000;

  private final String id = LAYER + "-" + UUID.randomUUID();
  private final SpeedLayerSettings settings;
  private final KafkaSettings kafka;
  private final CassandraSettings cassandra;
  private final SparkSessionSource spark;
  private final DecodeRules rules;
  private final StartupTimeout startupTimeout;
  private final StopSignal stop;
  private final InstantSource clock;
  private final KafkaClients atStart;
  private final KafkaClients whileRunning;
  private final Checkpoint checkpoint;

  /**
   * @param spark opened after servers, log and checkpoint are checked; the caller closes it
   * @param rules the decode rules
   * @param startupTimeout how long servers may take to start, and the signal that ends the query
   */
  public StreamingPipeline(
      SpeedLayerSettings settings,
      KafkaSettings kafka,
      CassandraSettings cassandra,
      SparkSessionSource spark,
      DecodeRules rules,
      StartupTimeout startupTimeout,
      InstantSource clock) {
    this.settings = settings;
    this.kafka = kafka;
    this.cassandra = cassandra;
    this.spark = spark;
    this.rules = rules;
    this.startupTimeout = startupTimeout;
    this.stop = startupTimeout.stop();
    this.clock = clock;
    this.atStart = kafka.connection(startupTimeout.limit(), stop);
    this.whileRunning = kafka.clients().within(REQUEST_TIMEOUT);
    this.checkpoint = new Checkpoint(settings.checkpoint());
  }

  /**
   * Runs the query until the stop signal is raised or it fails.
   *
   * @return the result of a query that was started
   * @throws PipelineException if the query could not be started
   * @throws InterruptedException or {@link java.util.concurrent.CancellationException}, if the stop
   *     signal was raised before the query was started
   */
  public SpeedLayerResult run() throws Exception {
    ServerReadiness readiness = new ServerReadiness(startupTimeout);
    List<Published> published =
        readiness.awaitView(
            cassandra.connection(cassandra.writer()),
            LAYER,
            rules.version(),
            settings.olderVersion());
    StartPosition start = startPosition(readiness, published);
    SparkSession session = SparkSettings.forQuery(spark.open(settings), settings);
    requireSlots(session, start.log());
    try (EventTopic log = EventTopic.open(whileRunning, kafka.topic());
        CheckpointLock lock = checkpoint.lock()) {
      return run(session, log, start, lock);
    }
  }

  private StartPosition startPosition(ServerReadiness readiness, List<Published> published)
      throws InterruptedException {
    try (EventTopic log = EventTopic.open(atStart, kafka.topic());
        EventTopic deadLetters = EventTopic.open(atStart, kafka.deadLetterTopic())) {
      TopicMetadata metadata = readiness.awaitTopic(log, atStart.bootstrapServers());
      readiness.awaitTopic(deadLetters, atStart.bootstrapServers());
      warnOfUntrustedClock(metadata);
      return StartPosition.of(checkpoint, settings.trigger(), rules, log, metadata, published);
    }
  }

  @SuppressWarnings("try") // context and registration are not used, only kept open
  private SpeedLayerResult run(
      SparkSession session, EventTopic log, StartPosition start, CheckpointLock lock)
      throws Exception {
    FirstFailure failure = new FirstFailure();
    DriverMeters meters = new DriverMeters();
    CommitGate gate =
        new CommitGate(
            settings.trigger(),
            settings.outageTimeout(),
            checkpoint,
            ObservedLog.of(log),
            start,
            meters,
            stop,
            failure,
            System::nanoTime);
    HeldBackWatch heldBack = new HeldBackWatch(gate::end, log::heldBack, clock);
    StatusPublisher status =
        new StatusPublisher(
            settings.statusFile(),
            settings.trigger(),
            start.log(),
            gate::progress,
            heldBack::current,
            meters::snapshot,
            clock);
    SinkSettings sink = sink(session, start);
    StatusPublisher.State end = StatusPublisher.State.FAILED;
    try (QueryContext context = QueryContext.open(sink, gate, meters);
        CqlSession view = openView(sink);
        LayerRegistry.Registration registration =
            new LayerRegistry(view, sink.keyspace()).register(LAYER, id, rules.version())) {
      log.passOver(
          new SkippedRecords(view, sink.keyspace()).of(start.log().topicId()), start.end());
      RunningQuery running =
          new RunningQuery(
              session,
              sink,
              start,
              log,
              new DecodeVersions(view, sink.keyspace()),
              new PositionPublisher(
                  new LayerPositions(view, sink.keyspace()),
                  LAYER,
                  rules.version(),
                  () -> gate.progress().offsets()),
              gate,
              heldBack,
              status,
              failure);
      Optional<PipelineException> failed = runQuery(running, lock);
      end = failed.isPresent() ? StatusPublisher.State.FAILED : StatusPublisher.State.STOPPED;
      return result(failed, start.log(), gate.progress(), heldBack.current());
    } finally {
      status.publish(end);
    }
  }

  /** Waits, because a node may become unavailable after the wait for the view. */
  private CqlSession openView(SinkSettings sink) throws InterruptedException {
    return startupTimeout.waitFor(
        "Cassandra, to the Spark Cassandra connector,",
        () -> Optional.of(ConnectorSession.open(sink.connectorConf())));
  }

  /** What a query consists of, from its start to its end. */
  private record RunningQuery(
      SparkSession session,
      SinkSettings sink,
      StartPosition start,
      EventTopic log,
      DecodeVersions versions,
      PositionPublisher positions,
      CommitGate gate,
      HeldBackWatch heldBack,
      StatusPublisher status,
      FirstFailure failure) {}

  /** Runs the query to its end; empty after a stop request. */
  private Optional<PipelineException> runQuery(RunningQuery running, CheckpointLock lock)
      throws Exception {
    running.versions().admit(rules.version(), settings.olderVersion());
    try {
      catchUp(running);
    } catch (Exception thrown) { // Spark throws checked exceptions that it does not declare
      return Optional.of(diagnose(thrown, running));
    }
    StreamingQuery query =
        UserEventQuery.start(
            running.session(),
            settings,
            running.sink(),
            running.start().startingOffsets(running.gate().progress().offsets()),
            checkpoint.newSparkFolder(),
            kafka.clientProperties());
    CommitGate gate = running.gate();
    FirstFailure failure = running.failure();
    Optional<PipelineException> failed;
    Optional<PipelineException> stopFailure;
    try (PeriodicTasks tasks = new PeriodicTasks()) {
      StallWatchdog watchdog =
          new StallWatchdog(
              settings.trigger(),
              settings.outageTimeout(),
              startupTimeout.limit(),
              gate::check,
              gate::commits,
              failure,
              System::nanoTime);
      tasks.everySecond(watchdog::tick);
      tasks.everySecond(running.heldBack()::tick);
      tasks.everySecond(running.positions()::publish);
      tasks.everySecond(() -> running.status().publish(StatusPublisher.State.RUNNING));
      tasks.every(DecodeVersions.INTERVAL, () -> admitAgain(running.versions(), failure));
      LOG.info(
          "event=started layer=speed-layer trigger={} topic={} log_id={} offsets={} checkpoint={} instance={}",
          settings.trigger().settingName(),
          running.sink().topic(),
          running.sink().logId(),
          gate.progress().offsets(),
          settings.checkpoint(),
          id);
      failed = awaitEnd(query, running);
    } finally {
      stopFailure = new QueryStop(running.session().sparkContext(), query, END_TIMEOUT).stop();
      if (stopFailure.isPresent()) {
        lock.keepUntilExit();
      }
    }
    Optional<PipelineException> ending = failed.or(() -> stopFailure);
    if (ending.isEmpty()) {
      gate.finish();
    }
    running.positions().publish();
    return ending;
  }

  private void catchUp(RunningQuery running) {
    CatchUp catchUp =
        new CatchUp(
            running.session(),
            running.sink(),
            kafka.clientProperties(),
            running.log().skipped(),
            running.gate());
    LogOffsets end = running.start().end().offsets();
    catchUp.passSkipped(end);
    if (checkpoint.hasExhaustedHeap()) {
      catchUp.passOneByOne(end, MAX_OFFSETS_READ_AHEAD);
      checkpoint.clearExhaustedHeap();
    }
  }

  /** Ends the query if a higher decode version has begun to write. */
  private void admitAgain(DecodeVersions versions, FirstFailure failure) {
    try {
      versions.admit(rules.version(), settings.olderVersion());
    } catch (PipelineException refusal) {
      if (refusal.kind() == PipelineException.Kind.UNAVAILABLE) {
        LOG.warn("event=decode_version_not_recorded reason=\"{}\"", refusal.getMessage());
      } else {
        failure.report(refusal);
      }
    }
  }

  private Optional<PipelineException> awaitEnd(StreamingQuery query, RunningQuery running)
      throws Exception {
    FirstFailure failure = running.failure();
    try {
      while (!stop.isRequested() && failure.get().isEmpty()) {
        if (query.awaitTermination(POLL_MILLIS)) {
          throw new IllegalStateException("The query ended by itself");
        }
      }
    } catch (StreamingQueryException thrown) {
      if (!stop.isRequested()) {
        LOG.debug("event=query_failed", thrown);
        return Optional.of(diagnose(thrown, running));
      }
    }
    return stop.isRequested() ? Optional.empty() : failure.get();
  }

  /** The cause of a failed query. A change of the log takes precedence over Spark's exception. */
  private PipelineException diagnose(Exception thrown, RunningQuery running) throws Exception {
    CommitGate gate = running.gate();
    FirstFailure failure = running.failure();
    if (failure.get().isPresent()) {
      return failure.get().get();
    }
    try {
      gate.requireUnchangedLog();
    } catch (PipelineException found) {
      if (found.kind() == PipelineException.Kind.STATE_MISMATCH) {
        return found;
      }
    }
    Exception translated =
        QueryFailure.of(thrown, checkpoint, whileRunning, gate.progress().offsets());
    if (!(translated instanceof PipelineException known)) {
      throw translated;
    }
    return known.kind() == PipelineException.Kind.RESOURCE_EXHAUSTED
        ? named(known, running)
        : known;
  }

  /** The failure for lack of heap, with the name of the record if it is known. */
  private PipelineException named(PipelineException failure, RunningQuery running) {
    LogOffsets from = running.gate().progress().offsets();
    SortedMap<Integer, Long> until = new TreeMap<>(running.gate().end().offsets().byPartition());
    until.replaceAll(
        (partition, end) -> Math.min(end, from.offset(partition) + MAX_OFFSETS_READ_AHEAD));
    long heap = SparkSettings.executorHeap(running.session());
    return new PoisonRecords(running.log(), checkpoint)
        .secondEndAt(from, new LogOffsets(from.logId(), until), heap)
        .map(record -> SpeedLayerErrors.recordExceedsHeap(record, heap / MEBIBYTE, failure))
        .orElse(failure);
  }

  private SpeedLayerResult result(
      Optional<PipelineException> failed,
      TopicMetadata log,
      QueryProgress progress,
      HeldBackRecords heldBack) {
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
        progress.offsets().byPartition(),
        progress.lag(),
        heldBack.summary(clock.instant()));
  }

  private SinkSettings sink(SparkSession session, StartPosition start) {
    return new SinkSettings(
        id,
        start.log().topic(),
        start.position().logId(),
        kafka.deadLetterTopic(),
        rules,
        cassandra.keyspace(),
        settings.maxWritesInFlight(),
        settings.outageTimeout(),
        toMap(kafka.clientProperties()),
        SparkSettings.connector(session, settings, cassandra));
  }

  private void warnOfUntrustedClock(TopicMetadata metadata) {
    if (metadata.timestampSource() == TimestampSource.CREATE_TIME
        && rules.createTime() == EventDecoder.CreateTime.REJECT) {
      LOG.warn(
          "event=clock_not_trusted topic={} message.timestamp.type=CreateTime action=\"every record becomes a dead letter, unless kafka.trust-create-time is set\"",
          metadata.topic());
    }
  }

  /**
   * Continuous mode needs a task slot for each partition. With fewer slots Spark hangs without an
   * error. The slots of a cluster are available when its executors have started.
   */
  private void requireSlots(SparkSession session, TopicMetadata metadata)
      throws InterruptedException {
    int requiredSlots = metadata.partitions();
    if (settings.trigger() != TriggerMode.CONTINUOUS) {
      return;
    }
    if (!session.sparkContext().isLocal()) {
      startupTimeout.waitFor(
          "Spark at %s with a task slot for each of the %d partitions of the topic %s"
              .formatted(session.sparkContext().master(), requiredSlots, metadata.topic()),
          () ->
              Optional.of(SparkSettings.taskSlots(session))
                  .filter(slots -> slots >= requiredSlots));
      return;
    }
    int slots = SparkSettings.taskSlots(session);
    if (slots < requiredSlots) {
      throw SpeedLayerErrors.notEnoughTaskSlots(metadata.topic(), requiredSlots, slots);
    }
  }

  private static Map<String, String> toMap(Properties properties) {
    Map<String, String> map = new HashMap<>();
    properties.stringPropertyNames().forEach(name -> map.put(name, properties.getProperty(name)));
    return map;
  }

  /** The periodic tasks of one query. */
  private static final class PeriodicTasks implements AutoCloseable {

    /** One thread per task, so that the status is written while the log does not answer. */
    private static final int THREADS = 5;

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

    /** Runs the task for the first time after one interval. */
    void every(Duration interval, Runnable task) {
      timer.scheduleAtFixedRate(
          task, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Stops the tasks, and waits for their end for at most the timeout of one request. */
    @Override
    public void close() {
      timer.shutdownNow();
      try {
        timer.awaitTermination(REQUEST_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
