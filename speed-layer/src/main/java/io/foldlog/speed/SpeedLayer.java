package io.foldlog.speed;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.application.Application;
import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.CassandraSettings;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.KafkaSettings;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.application.Waiting;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TimestampKind;
import io.foldlog.log.Log;
import io.foldlog.log.LogConnection;
import io.foldlog.log.LogIdentity;
import io.foldlog.log.LogOffsets;
import io.foldlog.speed.sink.CommitListener;
import io.foldlog.speed.sink.ConnectorSession;
import io.foldlog.speed.sink.SinkSettings;
import io.foldlog.view.LayerRegistry;
import io.foldlog.view.ViewConnection;
import io.foldlog.view.ViewCredentials;
import io.foldlog.view.ViewSession;
import io.foldlog.view.ViewTable;
import io.foldlog.view.ViewTrust;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** Writes every event of the log into the view, for ever, until it is told to end. */
@Command(
    name = "speed-layer",
    description = "Writes every event of the log into the view as it comes, until SIGTERM.")
public final class SpeedLayer implements ApplicationCommand {

  private static final Logger LOG = LoggerFactory.getLogger(SpeedLayer.class);

  /** The layer's name in the registry of running layers. */
  public static final String LAYER = "speed-layer";

  /** So that one question to Kafka does not outlast the monitor's patience. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  private static final long POLL_MILLIS = 200;

  public static void main(String[] arguments) {
    Application.main(new SpeedLayer(), arguments);
  }

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    SpeedLayerSettings own = SpeedLayerSettings.from(settings);
    KafkaSettings kafka = KafkaSettings.from(settings);
    CassandraSettings cassandra = CassandraSettings.from(settings);
    ViewConnection view = viewConnection(cassandra);
    Waiting waiting = new Waiting(settings.waitLimit(), stop);
    LogConnection connection = LogConnection.of(kafka.clientProperties()).within(ANSWER_LIMIT);

    awaitView(view, waiting);
    try (Log log = Log.open(connection, kafka.topic());
        Log deadLetters = Log.open(connection, kafka.deadLetterTopic())) {
      LogIdentity identity = awaitTopic(log, connection, waiting);
      awaitTopic(deadLetters, connection, waiting);
      warnOfUntrustedClock(identity, kafka);
      Checkpoint checkpoint = new Checkpoint(own.checkpoint());
      checkpoint.bind(own.trigger(), identity);
      LogOffsets end = log.endOffsets();
      LogOffsets beginning = log.beginningOffsets();
      LogOffsets written = checkpoint.committed(beginning, end);
      checkpoint.requireSameTail(checkpoint.tail(), log, beginning, end);
      try (SparkSession spark = SparkSettings.session(own, cassandra);
          QueryMonitor monitor =
              new QueryMonitor(
                  own,
                  settings.waitLimit(),
                  checkpoint,
                  log,
                  identity,
                  written,
                  end,
                  stop,
                  System::nanoTime)) {
        requireSlots(spark, own, identity, waiting);
        String query = LAYER + "-" + ProcessHandle.current().pid();
        CommitListener.BY_QUERY.put(query, monitor);
        runQuery(
            spark,
            own,
            new SinkSettings(
                query,
                kafka.topic(),
                identity.topicId(),
                kafka.deadLetterTopic(),
                kafka.trustCreateTime()
                    ? EventDecoder.CreateTime.TRUST
                    : EventDecoder.CreateTime.REJECT,
                cassandra.keyspace(),
                own.maxWritesInFlight(),
                own.outageLimit(),
                texts(kafka.clientProperties())),
            kafka.clientProperties(),
            monitor,
            stop,
            thrown -> QueryFailure.of(thrown, checkpoint, connection, monitor.written()));
      }
    }
    return ExitStatus.DONE;
  }

  private interface Translation {
    Exception of(StreamingQueryException thrown);
  }

  private static void runQuery(
      SparkSession spark,
      SpeedLayerSettings settings,
      SinkSettings sink,
      Properties kafka,
      QueryMonitor monitor,
      StopSignal stop,
      Translation translation)
      throws Exception {
    try (CqlSession session = ConnectorSession.open(spark.sparkContext().getConf())) {
      LayerRegistry.Registration registration =
          new LayerRegistry(session, sink.keyspace()).register(LAYER, instance());
      try {
        StreamingQuery query = UserEventQuery.start(spark, settings, sink, kafka);
        monitor.start();
        LOG.info(
            "started=speed-layer trigger={} topic={} topic_id={} checkpoint={} instance={}",
            settings.trigger().settingName(),
            sink.topic(),
            sink.topicId(),
            settings.checkpoint(),
            instance());
        awaitEnd(query, monitor, stop, translation);
      } finally {
        registration.close();
      }
    }
  }

  private static void awaitEnd(
      StreamingQuery query, QueryMonitor monitor, StopSignal stop, Translation translation)
      throws Exception {
    try {
      while (!stop.requested() && monitor.failure().isEmpty()) {
        if (query.awaitTermination(POLL_MILLIS)) {
          throw new IllegalStateException("The query ended by itself");
        }
      }
    } catch (StreamingQueryException thrown) {
      if (!stop.requested()) {
        LOG.debug("The query failed", thrown);
        throw diagnosis(monitor, thrown, translation);
      }
    } finally {
      stopOrderly(query);
    }
    if (!stop.requested()) {
      throw monitor.failure().orElseThrow();
    }
  }

  /** What the monitor knows of the log tells more than what Spark ran into because of it. */
  private static Exception diagnosis(
      QueryMonitor monitor, StreamingQueryException thrown, Translation translation) {
    if (monitor.failure().isPresent()) {
      return monitor.failure().get();
    }
    try {
      monitor.requireSound();
    } catch (PipelineException found) {
      if (found.kind() == PipelineException.Kind.RECORD_CHANGED) {
        return found;
      }
    }
    return translation.of(thrown);
  }

  private static void stopOrderly(StreamingQuery query) {
    try {
      query.stop();
    } catch (TimeoutException slow) {
      LOG.warn("The query did not end in time; what it had not committed is read again");
    }
  }

  private static ViewConnection viewConnection(CassandraSettings cassandra) {
    return ViewConnection.to(
        cassandra.contactPoints(),
        cassandra.port(),
        cassandra.localDatacenter(),
        cassandra.keyspace(),
        new ViewCredentials(cassandra.writer().user(), cassandra.writer().password().read()),
        cassandra.trustStore().map(trust -> new ViewTrust(trust.file(), trust.password().read())));
  }

  /** A table that is missing may be still to come; one that is another's, or a login, will not. */
  private static void awaitView(ViewConnection view, Waiting waiting) throws InterruptedException {
    try (CqlSession session =
        waiting.waitFor(
            "Cassandra at " + view.hosts(), () -> Optional.of(ViewSession.open(view)))) {
      ViewTable table = ViewTable.in(view.keyspace());
      Patience.waitFor(
          waiting,
          "the table " + table.qualifiedName(),
          () -> {
            boolean there =
                session
                    .refreshSchema()
                    .getKeyspace(CqlIdentifier.fromCql(view.keyspace()))
                    .flatMap(keyspace -> keyspace.getTable(ViewTable.NAME))
                    .isPresent();
            return there ? Optional.of(table) : Optional.empty();
          },
          () -> table.require(session));
      table.require(session);
    }
  }

  private static LogIdentity awaitTopic(Log log, LogConnection connection, Waiting waiting)
      throws InterruptedException {
    return Patience.waitFor(
        waiting,
        "Kafka at %s and its topic %s".formatted(connection.bootstrapServers(), log.topic()),
        () -> {
          try {
            return Optional.of(log.identity());
          } catch (PipelineException missing) {
            if (missing.kind() == PipelineException.Kind.REFUSED
                && missing.getCause()
                    instanceof org.apache.kafka.common.errors.UnknownTopicOrPartitionException) {
              return Optional.empty();
            }
            throw missing;
          }
        },
        log::identity);
  }

  private static void warnOfUntrustedClock(LogIdentity identity, KafkaSettings kafka) {
    if (identity.timestampKind() == TimestampKind.CREATE_TIME && !kafka.trustCreateTime()) {
      LOG.warn(
          "topic={} message.timestamp.type=CreateTime action=\"every record becomes a dead letter, unless kafka.trust-create-time is set\"",
          identity.topic());
    }
  }

  /**
   * Continuous mode keeps a slot busy for each partition; with fewer, Spark hangs silently. Those
   * of a cluster come once it has started what runs the tasks.
   */
  private static void requireSlots(
      SparkSession spark, SpeedLayerSettings settings, LogIdentity identity, Waiting waiting)
      throws InterruptedException {
    int wanted = identity.partitions();
    if (settings.trigger() != TriggerMode.CONTINUOUS) {
      return;
    }
    if (!spark.sparkContext().isLocal()) {
      waiting.waitFor(
          "Spark at %s with a task slot for each of the %d partitions of the topic %s"
              .formatted(spark.sparkContext().master(), wanted, identity.topic()),
          () -> Optional.of(SparkSettings.taskSlots(spark)).filter(slots -> slots >= wanted));
      return;
    }
    int slots = SparkSettings.taskSlots(spark);
    if (slots < wanted) {
      throw PipelineException.refused(
          "The trigger continuous needs a task slot for each partition: the topic %s has %d partitions, and Spark has %d slots. Give it more (stack.speed-layer.cores, or --master), or set speed-layer.trigger = micro-batch with a checkpoint of its own."
              .formatted(identity.topic(), wanted, slots));
    }
  }

  private static String instance() {
    return Long.toString(ProcessHandle.current().pid());
  }

  private static Map<String, String> texts(Properties properties) {
    Map<String, String> texts = new HashMap<>();
    properties.stringPropertyNames().forEach(name -> texts.put(name, properties.getProperty(name)));
    return texts;
  }
}
