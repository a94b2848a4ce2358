package io.foldlog.batch.faultpoint;

import io.delta.storage.HDFSLogStore;
import java.io.IOException;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The fault points {@code <table>.committing} of {@link FaultPoints#ofProcess}. At this point the
 * data files of a commit are written, and the commit is not. The batch layer configures this log
 * store only if the process has a fault point. Apart from the fault point, it behaves like Delta's
 * own log store. The first commit of a table has no fault point.
 */
public final class CommitFaultPoint extends HDFSLogStore {

  /** Whether the process has a fault point, of any name. */
  public static boolean isNamed() {
    return !System.getProperty("foldlog.fault-point", "").isEmpty();
  }

  /** Called by Delta. */
  public CommitFaultPoint(Configuration configuration) {
    super(configuration);
  }

  @Override
  public void write(
      Path path, Iterator<String> actions, Boolean overwrite, Configuration configuration)
      throws IOException {
    if (path.getName().matches("\\d{20}\\.json") && !path.getName().matches("0{20}\\.json")) {
      FaultPoints.ofProcess().reach(path.getParent().getParent().getName() + ".committing");
    }
    super.write(path, actions, overwrite, configuration);
  }
}
