package io.foldlog.speed.sink;

import io.foldlog.speed.meters.DriverMeters;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The context of one query on the driver, from before its start until after its end. Spark creates
 * the sink and the plugin by class name, so they look up the context by the id of the query.
 */
public final class QueryContext implements AutoCloseable {

  /** The only option of the sink: the id of the query. */
  public static final String OPTION = "query";

  private static final Map<String, QueryContext> OPEN = new ConcurrentHashMap<>();

  private final SinkSettings settings;
  private final CommitListener listener;
  private final DriverMeters meters;

  private QueryContext(SinkSettings settings, CommitListener listener, DriverMeters meters) {
    this.settings = settings;
    this.listener = Objects.requireNonNull(listener);
    this.meters = Objects.requireNonNull(meters);
  }

  /**
   * Opens the context of a query.
   *
   * @param listener called before each commit
   * @param meters receive the reports of the executors
   * @throws IllegalStateException if an open query has the same id
   */
  public static QueryContext open(
      SinkSettings settings, CommitListener listener, DriverMeters meters) {
    QueryContext context = new QueryContext(settings, listener, meters);
    if (OPEN.putIfAbsent(settings.query(), context) != null) {
      throw new IllegalStateException("The query %s runs already".formatted(settings.query()));
    }
    return context;
  }

  /** The open context of a query. */
  static Optional<QueryContext> find(String query) {
    return Optional.ofNullable(OPEN.get(query));
  }

  SinkSettings settings() {
    return settings;
  }

  CommitListener listener() {
    return listener;
  }

  DriverMeters meters() {
    return meters;
  }

  /**
   * Closes the context, and the query's executor context in this JVM, which exists in local mode.
   * Must be called after the end of the query.
   */
  @Override
  public void close() {
    OPEN.remove(settings.query(), this);
    ExecutorContext.close(settings.query());
  }
}
