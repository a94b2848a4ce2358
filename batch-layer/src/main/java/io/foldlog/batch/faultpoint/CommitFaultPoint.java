package io.foldlog.batch.faultpoint;

import io.delta.storage.HDFSLogStore;
import java.io.IOException;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The places {@code <table>.committing} of {@link FaultPoints#ofProcess}: the data files of a
 * commit to the table are written, and the commit is not. Delta writes commits through it only
 * where such a place is named; but for the place it is Delta's own way. The commit that makes a
 * table has none.
 */
public final class CommitFaultPoint extends HDFSLogStore {

  /** Whether the process is to end at such a place, or at any other. */
  public static boolean isNamed() {
    return !System.getProperty("foldlog.fault-point", "").isEmpty();
  }

  /** Made by Delta. */
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
