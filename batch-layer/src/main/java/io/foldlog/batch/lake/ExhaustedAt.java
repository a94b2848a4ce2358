package io.foldlog.batch.lake;

import io.foldlog.log.PoisonRecords;
import io.foldlog.log.RecordId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The record at which the last archive ended for lack of heap, in a file of the lake. */
public final class ExhaustedAt implements PoisonRecords.Memory {

  private static final String FILE = "_resource_exhausted_at";

  private final FileSystem files;
  private final Path file;

  ExhaustedAt(FileSystem files, Path root) {
    this.files = files;
    this.file = new Path(root, FILE);
  }

  @Override
  public Optional<RecordId> exhaustedAt() {
    try {
      if (!files.exists(file)) {
        return Optional.empty();
      }
      try (FSDataInputStream stored = files.open(file)) {
        return RecordId.parse(new String(stored.readAllBytes(), StandardCharsets.UTF_8).strip());
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void storeExhaustedAt(Optional<RecordId> record) {
    try (FSDataOutputStream stored = files.create(file, true)) {
      stored.write(
          (record.map(RecordId::toString).orElse("") + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
