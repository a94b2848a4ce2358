package io.foldlog.speed.sink;

import io.foldlog.speed.meters.DriverMeters;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The driver's side of one query: what its sink needs, from before the query starts until after it
 * has stopped. Spark creates the sink and the plugin by the names of their classes, so they find
 * the context by the id of the query.
 */
public final class QueryContext implements AutoCloseable {

  /** The stream option that names the query; the sink has no other. */
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
   * @param listener is called before every commit
   * @param meters add up what the executors report
   * @throws IllegalStateException when the id is another open query's
   */
  public static QueryContext open(
      SinkSettings settings, CommitListener listener, DriverMeters meters) {
    QueryContext context = new QueryContext(settings, listener, meters);
    if (OPEN.putIfAbsent(settings.query(), context) != null) {
      throw new IllegalStateException("The query %s runs already".formatted(settings.query()));
    }
    return context;
  }

  /** The context of a query that is open. */
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
   * Closes the context, and what the query's tasks opened in this JVM, as all of them do in local
   * mode. To be called when the query has stopped.
   */
  @Override
  public void close() {
    OPEN.remove(settings.query(), this);
    ExecutorContext.close(settings.query());
  }
}
