package io.foldlog.scenarios;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads users over and over, and remembers of each the latest event that it has seen: events come
 * with rising times, so that one that goes back is one that was turned back.
 */
final class ViewWatcher implements AutoCloseable {

  private final CqlSession session;
  private final PreparedStatement question;
  private final List<UUID> users;
  private final Map<UUID, Long> latest = new HashMap<>();
  private final Thread thread = new Thread(this::watch, "watcher");
  private volatile boolean ended;
  private volatile long reads;
  private volatile String turnedBack = "";

  ViewWatcher(CqlSession session, String keyspace, List<UUID> users) {
    this.session = session;
    this.question =
        session.prepare(
            "SELECT last_event_time FROM %s.created_users WHERE id = ?".formatted(keyspace));
    this.users = List.copyOf(users);
    thread.start();
  }

  private void watch() {
    Random random = new Random(1);
    while (!ended) {
      UUID user = users.get(random.nextInt(users.size()));
      Row row = session.execute(question.bind(user)).one();
      if (row != null) {
        long time = row.getLong(0);
        Long before = latest.put(user, time);
        if (before != null && before > time) {
          turnedBack = "user %s went from %d back to %d".formatted(user, before, time);
        }
      }
      reads++;
      LockSupport.parkNanos(2_000_000L);
    }
  }

  long reads() {
    return reads;
  }

  /** What went back; empty if nothing did. */
  String turnedBack() {
    return turnedBack;
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
