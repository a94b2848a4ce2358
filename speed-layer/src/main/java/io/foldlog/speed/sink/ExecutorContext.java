package io.foldlog.speed.sink;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.log.DeadLetters;
import io.foldlog.speed.meters.ExecutorMeters;
import io.foldlog.view.UserView;
import io.foldlog.view.UserViewWriter;
import io.foldlog.view.WriteLimits;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.apache.spark.SparkContext$;
import org.apache.spark.SparkEnv;

/**
 * The context of one query on the executors of one JVM: the connector's session, the view's
 * prepared statements, the producer of dead letters and the meters. All tasks, batches and epochs
 * of the query share it. The first task opens it. It is closed with the query's {@link
 * QueryContext} if that is in the same JVM, otherwise with the executor. Thread-safe.
 */
final class ExecutorContext {

  private static final Map<String, ExecutorContext> BY_QUERY = new ConcurrentHashMap<>();

  private final SinkSettings settings;
  private final Supplier<Connections> opening;
  private final ExecutorMeters meters;
  private final ConcurrentLinkedQueue<WriterSlot> idle = new ConcurrentLinkedQueue<>();
  private Connections connections;
  private boolean closed;

  /**
   * The clients that write records.
   *
   * @param closing closes the session below the view
   */
  record Connections(UserView view, DeadLetters deadLetters, Runnable closing) {}

  /**
   * Creates a context without connections.
   *
   * @param opening opens the connections before the first write; repeated until it succeeds
   */
  ExecutorContext(SinkSettings settings, Supplier<Connections> opening) {
    this.settings = settings;
    this.opening = opening;
    this.meters = new ExecutorMeters(settings.query());
  }

  /**
   * The query's context in this JVM, with open connections.
   *
   * @throws IllegalStateException if the query has ended
   * @throws io.foldlog.contract.PipelineException if a connection cannot be opened; the next call
   *     repeats the attempt
   */
  static ExecutorContext of(SinkSettings settings) {
    ExecutorContext context =
        BY_QUERY.computeIfAbsent(
            settings.query(),
            query -> {
              requireRunning(query);
              return new ExecutorContext(settings, () -> connect(settings));
            });
    context.open();
    return context;
  }

  /** A task must not open a context after the end of its query, because nothing would close it. */
  private static void requireRunning(String query) {
    SparkEnv spark = SparkEnv.get();
    boolean isDriver =
        spark != null && spark.executorId().equals(SparkContext$.MODULE$.DRIVER_IDENTIFIER());
    if (isDriver && QueryContext.find(query).isEmpty()) {
      throw ended(query);
    }
  }

  private static IllegalStateException ended(String query) {
    return new IllegalStateException("The query %s has ended".formatted(query));
  }

  /** The meters of all queries that have tasks in this JVM. */
  static Collection<ExecutorMeters> allMeters() {
    return BY_QUERY.values().stream().map(context -> context.meters).toList();
  }

  /** Closes the query's context in this JVM, if there is one. */
  static void close(String query) {
    ExecutorContext context = BY_QUERY.remove(query);
    if (context != null) {
      context.close();
    }
  }

  /** Closes the contexts of all queries, so that the JVM can end. */
  static void closeAll() {
    List.copyOf(BY_QUERY.keySet()).forEach(ExecutorContext::close);
  }

  private synchronized Connections open() {
    if (closed) {
      throw ended(settings.query());
    }
    if (connections == null) {
      connections = opening.get();
    }
    return connections;
  }

  private static Connections connect(SinkSettings settings) {
    CqlSession session = ConnectorSession.open(settings.connectorConf());
    try {
      WriteLimits limits = new WriteLimits(settings.maxInFlight(), settings.maxRetryDuration());
      UserView view = UserView.over(session, settings.keyspace(), limits);
      DeadLetters deadLetters =
          DeadLetters.open(settings.kafkaClients(), settings.deadLetterTopic());
      return new Connections(view, deadLetters, session::close);
    } catch (RuntimeException failure) {
      session.close();
      throw failure;
    }
  }

  private synchronized void close() {
    closed = true;
    idle.clear();
    if (connections != null) {
      connections.deadLetters().close();
      connections.closing().run();
      connections = null;
    }
  }

  SinkSettings settings() {
    return settings;
  }

  ExecutorMeters meters() {
    return meters;
  }

  DeadLetters deadLetters() {
    return open().deadLetters();
  }

  /** Takes an idle slot, or creates one. */
  WriterSlot borrow() {
    WriterSlot slot = idle.poll();
    if (slot != null) {
      return slot;
    }
    UserViewWriter writer = open().view().writer(meters);
    return new WriterSlot(settings.rules().newDecoder(), writer);
  }

  /** Returns a slot. All writes of the slot must be acknowledged. */
  void giveBack(WriterSlot slot) {
    idle.add(slot);
  }
}
