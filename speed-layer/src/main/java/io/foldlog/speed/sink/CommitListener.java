package io.foldlog.speed.sink;

import java.util.List;

/** Called on the driver for each batch or epoch of one query. */
public interface CommitListener {

  /**
   * Called before the tasks start: for each batch, or once for a continuous query.
   *
   * @throws RuntimeException to end the query
   */
  void starting(int partitions);

  /**
   * Called when all records of the batch or epoch are in the view or durable as dead letters. Spark
   * commits the checkpoint after this method returns.
   *
   * @throws RuntimeException to prevent the commit
   */
  void committing(long epoch, List<TaskCommit> tasks);
}
