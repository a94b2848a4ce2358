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
 * Delta's commits in an S3-compatible store: a version is written by one writer, whoever else tries
 * at the same time. Delta's own way there is safe for one process only.
 */
public final class ConditionalCommits extends HadoopFileSystemLogStore {

  /** Made by Delta. */
  public ConditionalCommits(Configuration configuration) {
    super(configuration);
  }

  /**
   * Writes a file of a table's log.
   *
   * @throws FileAlreadyExistsException when there is one and it may not be overwritten
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

  /** An object is there as a whole or not at all. */
  @Override
  public Boolean isPartialWriteVisible(Path path, Configuration configuration) {
    return false;
  }
}
