package io.foldlog.testing.faults;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.UserEvent;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.ViewRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** Reads whole rows repeatedly and checks each against the {@link AllowedStates} of its user. */
final class ViewWatcher implements AutoCloseable {

  private static final long PAUSE_NANOS = 2_000_000L;

  private final CqlSession session;
  private final UserViewReader reader;
  private final List<UUID> users;
  private final Map<UUID, AllowedStates> allowed = new ConcurrentHashMap<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::watch, "watcher");
  private volatile boolean stopped;
  private volatile long reads;
  private volatile long rowsFound;

  /**
   * Starts to read.
   *
   * @param session closed with this watcher
   */
  ViewWatcher(CqlSession session, String keyspace, List<UUID> users) {
    this.session = session;
    this.reader = UserViewReader.over(session, keyspace);
    this.users = List.copyOf(users);
    this.users.forEach(user -> allowed.put(user, new AllowedStates()));
    thread.setUncaughtExceptionHandler((watcher, failure) -> violations.add(failure.toString()));
    thread.start();
  }

  /** Adds an event to the allowed states. Must be called before the event is recorded. */
  UserEvent expect(UserEvent event) {
    allowed.get(event.userId()).add(event);
    return event;
  }

  private void watch() {
    Random random = new Random(1);
    while (!stopped) {
      UUID user = users.get(random.nextInt(users.size()));
      Optional<ViewRow> row = reader.read(user);
      allowed
          .get(user)
          .violation(row)
          .ifPresent(violation -> violations.add("user %s: %s".formatted(user, violation)));
      reads++;
      rowsFound += row.isPresent() ? 1 : 0;
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** A summary for the report: the number of reads, and how many found a row. */
  String reads() {
    return "%d reads, %d of a row that shows".formatted(reads, rowsFound);
  }

  /** The reads that the events do not explain. */
  List<String> violations() {
    return List.copyOf(violations);
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
    session.close();
  }
}
