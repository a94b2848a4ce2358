package io.foldlog.speed;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The lock of a checkpoint: one query at a time, of this process or another one, uses it. */
final class CheckpointLock implements AutoCloseable {

  static final String FILE_NAME = "lock";

  /** Locks that end with the process; a channel without a reference would be closed. */
  private static final Set<FileChannel> KEPT = ConcurrentHashMap.newKeySet();

  private final FileChannel channel;

  private CheckpointLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Locks the folder; empty if another query holds the lock. */
  static Optional<CheckpointLock> tryLock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException ofThisProcess) {
      // the lock stays null
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? Optional.empty() : Optional.of(new CheckpointLock(channel));
  }

  /** Keeps the lock until the process ends. To be called if the query still runs. */
  void keepUntilExit() {
    KEPT.add(channel);
  }

  /** Releases the lock, unless it is kept. */
  @Override
  public void close() throws IOException {
    if (!KEPT.contains(channel)) {
      channel.close();
    }
  }
}
