package io.foldlog.speed.sink;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.EventDecoder;
import io.foldlog.log.DeadLetters;
import io.foldlog.speed.meters.ExecutorMeters;
import io.foldlog.view.UserView;
import io.foldlog.view.UserViewWriter;
import io.foldlog.view.WriteLimits;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.SparkEnv;

/**
 * The connections of one JVM, shared by all its tasks, batches and epochs: the connector's session,
 * the view's prepared statements, and the dead letters' producer. Safe for use by many threads.
 */
public final class ViewConnections {

  private static ViewConnections current;

  private final SinkSettings settings;
  private final CqlSession session;
  private final UserView view;
  private final DeadLetters deadLetters;
  private final ConcurrentLinkedQueue<Lane> idle = new ConcurrentLinkedQueue<>();

  /** What one task needs for itself at a time. */
  record Lane(EventDecoder decoder, UserViewWriter writer) {}

  private ViewConnections(SinkSettings settings) {
    this.settings = settings;
    this.session = ConnectorSession.open(SparkEnv.get().conf());
    try {
      this.view =
          UserView.over(
              session,
              settings.keyspace(),
              new WriteLimits(settings.mostInFlight(), settings.giveUpAfter()));
      this.deadLetters = DeadLetters.open(settings.logConnection(), settings.deadLetterTopic());
    } catch (RuntimeException failure) {
      session.close();
      throw failure;
    }
  }

  /** The JVM's connections; opened by its first task. */
  static synchronized ViewConnections of(SinkSettings settings) {
    if (current == null || !current.settings.query().equals(settings.query())) {
      closeAll();
      current = new ViewConnections(settings);
    }
    return current;
  }

  /** Closes the JVM's connections, if it has any, so that it can end. */
  public static synchronized void closeAll() {
    if (current != null) {
      current.deadLetters.close();
      current.session.close();
      current = null;
    }
  }

  SinkSettings settings() {
    return settings;
  }

  DeadLetters deadLetters() {
    return deadLetters;
  }

  Lane borrow() {
    Lane lane = idle.poll();
    return lane == null
        ? new Lane(new EventDecoder(settings.createTime()), view.writer(ExecutorMeters.LOCAL))
        : lane;
  }

  /** To be called only when everything that went through the lane is acknowledged. */
  void giveBack(Lane lane) {
    idle.add(lane);
  }
}
