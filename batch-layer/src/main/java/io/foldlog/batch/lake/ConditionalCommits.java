package io.foldlog.batch.lake;

import io.delta.storage.HadoopFileSystemLogStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;

/**
 * Delta's log store for an S3-compatible store. Only one of several concurrent writers can write a
 * version. Delta's own log store is safe only within one process.
 */
public final class ConditionalCommits extends HadoopFileSystemLogStore {

  /** Called by Delta. */
  public ConditionalCommits(Configuration configuration) {
    super(configuration);
  }

  /**
   * Writes a file of a table's log.
   *
   * @throws FileAlreadyExistsException when the file exists and must not be overwritten
   */
  @Override
  public void write(
      Path path, Iterator<String> actions, Boolean overwrite, Configuration configuration)
      throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    while (actions.hasNext()) {
      content.write((actions.next() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    if (overwrite) {
      try (FSDataOutputStream output = path.getFileSystem(configuration).create(path, true)) {
        content.writeTo(output);
      }
    } else if (!ConditionalObjects.at(path, configuration).create(path, content.toByteArray())) {
      throw new FileAlreadyExistsException(path.toString());
    }
  }

  /** An object store writes an object atomically. */
  @Override
  public Boolean isPartialWriteVisible(Path path, Configuration configuration) {
    return false;
  }
}
