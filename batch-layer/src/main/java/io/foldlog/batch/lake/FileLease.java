package io.foldlog.batch.lake;

import io.foldlog.batch.errors.BatchLayerErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A lease by a file lock on this machine. The operating system releases the lock when the process
 * ends, even if it is killed.
 */
final class FileLease implements LakeLease {

  private static final String LOCK = ".lease";
  private static final String OWNER = ".lease-owner";

  private final FileChannel channel;
  private final FileLock lock;
  private final Path owner;

  private FileLease(FileChannel channel, FileLock lock, Path owner) {
    this.channel = channel;
    this.lock = lock;
    this.owner = owner;
  }

  static FileLease take(Path root, String run, Instant since) {
    try {
      Files.createDirectories(root);
      FileChannel channel =
          FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lock(channel);
      if (lock == null) {
        channel.close();
        throw BatchLayerErrors.lakeFolderIsInUse(root.toString(), owner(root.resolve(OWNER)));
      }
      Path owner = root.resolve(OWNER);
      Files.writeString(
          owner,
          "run %s, process %d, since %s"
              .formatted(
                  run, ProcessHandle.current().pid(), since.truncatedTo(ChronoUnit.SECONDS)));
      return new FileLease(channel, lock, owner);
    } catch (IOException failure) {
      throw BatchLayerErrors.lakeFolderIsNotWritable(root.toString(), failure.toString(), failure);
    }
  }

  private static FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException ownProcess) {
      return null;
    }
  }

  private static String owner(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (NoSuchFileException justTaken) {
      return BatchLayerErrors.RUN_WITHOUT_NAME;
    }
  }

  /** Does nothing: the lock is held until the process ends. */
  @Override
  public void require() {}

  @Override
  public void onLoss(Runnable action) {}

  @Override
  public void close() {
    try {
      Files.deleteIfExists(owner);
      lock.release();
      channel.close();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot release the lake's lease", failure);
    }
  }
}
