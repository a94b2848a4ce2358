package io.foldlog.speed.sink;

import java.util.List;

/** Is called on the driver for every batch or epoch of one query. */
public interface CommitListener {

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
