package io.foldlog.batch.lake;

import io.foldlog.contract.PipelineException;
import io.foldlog.lake.LakeSettings;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The right to write a lake, held by one run at a time. */
public interface LakeLease extends AutoCloseable {

  /**
   * Takes the lease. Does not wait for it.
   *
   * @param lake the settings of the root and the object store
   * @param run the name of the holder, for the error messages of other runs
   * @param since when the run started, also for these messages
   * @throws PipelineException unavailable when another run holds the lease; usage error when the
   *     root is not writable
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
   * Checks that this run still holds the lease.
   *
   * @throws PipelineException unavailable when another run may hold it
   */
  void require();

  /** Runs the action when the lease is lost, or now if it is already lost. */
  void onLoss(Runnable action);

  /** Releases the lease. */
  @Override
  void close();
}
