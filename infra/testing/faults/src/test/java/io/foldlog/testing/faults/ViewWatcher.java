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

/**
 * Reads rows over and over, whole, and holds each against what the user's events allow ({@link
 * AllowedStates}).
 */
final class ViewWatcher implements AutoCloseable {

  private static final long PAUSE_NANOS = 2_000_000L;

  private final CqlSession session;
  private final UserViewReader reader;
  private final List<UUID> users;
  private final Map<UUID, AllowedStates> allowed = new ConcurrentHashMap<>();
  private final Queue<String> objections = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::watch, "watcher");
  private volatile boolean ended;
  private volatile long reads;
  private volatile long shown;

  /**
   * Begins to watch.
   *
   * @param session to be closed with this
   */
  ViewWatcher(CqlSession session, String keyspace, List<UUID> users) {
    this.session = session;
    this.reader = UserViewReader.over(session, keyspace);
    this.users = List.copyOf(users);
    this.users.forEach(user -> allowed.put(user, new AllowedStates()));
    thread.setUncaughtExceptionHandler((watcher, failure) -> objections.add(failure.toString()));
    thread.start();
  }

  /** To be told of each event before the log is. */
  UserEvent expect(UserEvent event) {
    allowed.get(event.userId()).add(event);
    return event;
  }

  private void watch() {
    Random random = new Random(1);
    while (!ended) {
      UUID user = users.get(random.nextInt(users.size()));
      Optional<ViewRow> row = reader.read(user);
      allowed
          .get(user)
          .objection(row)
          .ifPresent(objection -> objections.add("user %s: %s".formatted(user, objection)));
      reads++;
      shown += row.isPresent() ? 1 : 0;
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** How many rows were read, and how many of them showed. */
  String reads() {
    return "%d reads, %d of a row that shows".formatted(reads, shown);
  }

  /** What no events explain. */
  List<String> objections() {
    return List.copyOf(objections);
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
    }
    session.close();
  }
}
