package io.foldlog.batch.lake;

import io.foldlog.contract.PipelineException;
import io.foldlog.lake.LakeSettings;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The right to write a lake, held by one run at a time. */
public interface LakeLease extends AutoCloseable {

  /**
   * Takes the lease; does not wait for it.
   *
   * @param lake its root, and how an object store is reached
   * @param run names the holder, for whoever comes meanwhile
   * @param since when the run began, for the same
   * @throws PipelineException unavailable, naming the holder, while another run has it; usage
   *     error, when the root cannot be written
   */
  static LakeLease take(LakeSettings lake, String run, Instant since) {
    if (lake.store().isEmpty()) {
      return FileLease.take(java.nio.file.Path.of(lake.root()), run, since);
    }
    Configuration hadoop = new Configuration();
    lake.hadoop().forEach(hadoop::set);
    return ObjectLease.take(new Path(lake.root()), hadoop, run, since);
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
