package io.foldlog.batch.lake;

import io.foldlog.contract.PipelineException;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The right to write a lake, held by one run at a time. */
public interface LakeLease extends AutoCloseable {

  /**
   * Takes the lease; does not wait for it.
   *
   * @param root of the lake: a folder of this machine, or s3a://bucket/folder
   * @param hadoop how an object store is reached
   * @param run names the holder, for whoever comes meanwhile
   * @param since when the run began, for the same
   * @throws PipelineException unavailable, naming the holder, while another run has it; refused,
   *     when the root cannot be written
   */
  static LakeLease take(String root, Configuration hadoop, String run, Instant since) {
    return new Path(root).toUri().getScheme() == null
        ? FileLease.take(java.nio.file.Path.of(root), run, since)
        : ObjectLease.take(new Path(root), hadoop, run, since);
  }

  /**
   * Looks whether it is held still.
   *
   * @throws PipelineException unavailable, when somebody else may have it by now
   */
  void require();

  /** What is to happen when the lease is lost; at once, if it was. */
  void onLoss(Runnable action);

  /** Gives the lease back. */
  @Override
  void close();
}
