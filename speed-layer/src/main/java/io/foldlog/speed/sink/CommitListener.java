package io.foldlog.speed.sink;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Hears of every batch or epoch on the driver. */
public interface CommitListener {

  /** The listeners of this JVM's queries; Spark makes the sink itself, so it looks here. */
  Map<String, CommitListener> BY_QUERY = new ConcurrentHashMap<>();

  /**
   * The tasks are about to be started, once for each batch, or once for a continuous run.
   *
   * @throws RuntimeException to end the query
   */
  void starting(int partitions);

  /**
   * Everything of the batch or epoch is in the view or durable as a dead letter; the checkpoint
   * follows when this returns.
   *
   * @throws RuntimeException to keep the checkpoint from following
   */
  void committing(long epoch, List<TaskCommit> tasks);
}
