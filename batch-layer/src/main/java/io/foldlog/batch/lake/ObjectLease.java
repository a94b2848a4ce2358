package io.foldlog.batch.lake;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.AWSClientIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease by numbered objects in an object store. Each lease is one object, created by a
 * conditional request. The object with the highest number is the current lease. Its run rewrites
 * the object periodically and empties it at its end. If it was not rewritten for {@link #TERM}, any
 * run may create the next one. A run that was paused for longer finds that it has lost the lease.
 * Its late commits fail in {@link ConditionalCommits} if another run has written the version.
 */
final class ObjectLease implements LakeLease {

  /** The time without a renewal after which the lease expires, by the store's clock. */
  static final Duration TERM = Duration.ofMinutes(2);

  private static final Duration RENEWAL_INTERVAL = Duration.ofSeconds(20);

  /** Shorter than the term by the time of a request, so no other run can hold the lease yet. */
  private static final Duration SAFE_PERIOD = Duration.ofSeconds(90);

  private static final String FOLDER = ".lease";
  private static final byte[] RELEASED = new byte[0];
  private static final Logger LOG = LoggerFactory.getLogger(ObjectLease.class);

  private final Path lease;
  private final ConditionalObjects objects;
  private final String holder;
  private final List<Runnable> actions = new ArrayList<>();
  private final ScheduledExecutorService renewal =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "lake-lease");
            thread.setDaemon(true);
            return thread;
          });
  private long renewed = System.nanoTime();
  private boolean lost;

  private ObjectLease(
      Path lease, ConditionalObjects objects, String holder, Duration renewalInterval) {
    this.lease = lease;
    this.objects = objects;
    this.holder = holder;
    long period = renewalInterval.toMillis();
    renewal.scheduleAtFixedRate(this::renew, period, period, TimeUnit.MILLISECONDS);
  }

  static ObjectLease take(Path root, Configuration hadoop, String run, Instant since) {
    return take(root, hadoop, run, since, RENEWAL_INTERVAL);
  }

  static ObjectLease take(
      Path root, Configuration hadoop, String run, Instant since, Duration renewalInterval) {
    try {
      ConditionalObjects objects = ConditionalObjects.at(root, hadoop);
      String holder = holder(run, since);
      Path lease = take(objects, root, holder);
      requireConditionalWrites(objects, root, lease);
      return new ObjectLease(lease, objects, holder, renewalInterval);
    } catch (AWSClientIOException failure) {
      throw BatchLayerErrors.objectStoreDidNotAnswer(
          root.toString(), failure.getMessage(), failure);
    } catch (IOException failure) {
      throw BatchLayerErrors.lakeObjectsAreNotWritable(
          root.toString(), failure.getMessage(), failure);
    }
  }

  private static Path take(ConditionalObjects objects, Path root, String holder)
      throws IOException {
    Path folder = new Path(root, FOLDER);
    List<FileStatus> leases = objects.list(folder);
    long number = 1;
    if (!leases.isEmpty()) {
      FileStatus newest = leases.get(leases.size() - 1);
      requireExpiredOrReleased(objects, root, newest);
      number += Long.parseLong(newest.getPath().getName());
    }
    Path lease = new Path(folder, "%020d".formatted(number));
    if (!objects.create(lease, holder.getBytes(UTF_8))) {
      throw inUse(root, BatchLayerErrors.RUN_WITHOUT_NAME);
    }
    for (FileStatus ended : leases) {
      objects.delete(ended.getPath());
    }
    return lease;
  }

  private static void requireExpiredOrReleased(
      ConditionalObjects objects, Path root, FileStatus lease) throws IOException {
    String holder =
        new String(
            objects
                .read(lease.getPath())
                .orElseThrow(() -> inUse(root, BatchLayerErrors.RUN_WITHOUT_NAME)),
            UTF_8);
    if (holder.isEmpty()) {
      return;
    }
    Instant now = objects.now(new Path(root, FOLDER + "-" + UUID.randomUUID()));
    Duration sinceRenewal =
        Duration.between(Instant.ofEpochMilli(lease.getModificationTime()), now);
    if (sinceRenewal.compareTo(TERM) < 0) {
      throw inUse(root, holder);
    }
    LOG.warn(
        "event=lease_taken_over lake={} holder=\"{}\" silent_s={}",
        root,
        holder,
        sinceRenewal.toSeconds());
  }

  /** With a store that ignores conditional requests, the last of two commits would win. */
  private static void requireConditionalWrites(ConditionalObjects objects, Path root, Path lease)
      throws IOException {
    if (objects.create(lease, RELEASED)) {
      throw BatchLayerErrors.storeIgnoresConditionalWrites(root.toString());
    }
  }

  private static PipelineException inUse(Path root, String holder) {
    return BatchLayerErrors.lakeObjectsAreInUse(root.toString(), holder, TERM.toMinutes());
  }

  private static String holder(String run, Instant since) throws IOException {
    return "run %s, process %d on %s, since %s"
        .formatted(
            run,
            ProcessHandle.current().pid(),
            InetAddress.getLocalHost().getHostName(),
            since.truncatedTo(ChronoUnit.SECONDS));
  }

  private synchronized void renew() {
    if (lost) {
      return;
    }
    try {
      long started = System.nanoTime();
      // after the safe period another run may hold the lease, so it is not renewed
      if (isSafe()) {
        objects.write(lease, holder.getBytes(UTF_8));
      }
      if (!isSafe() || !isNewest()) {
        lose("this run did not renew the lease in time, and another run may have started");
      }
      renewed = started;
    } catch (IOException | RuntimeException failure) {
      LOG.warn("event=lease_not_renewed lake={} reason=\"{}\"", root(), failure.getMessage());
      if (!isSafe()) {
        lose("the store did not answer");
      }
    }
  }

  private boolean isSafe() {
    return System.nanoTime() - renewed <= SAFE_PERIOD.toNanos();
  }

  private boolean isNewest() throws IOException {
    List<FileStatus> leases = objects.list(lease.getParent());
    return leases.get(leases.size() - 1).getPath().getName().equals(lease.getName());
  }

  private Path root() {
    return lease.getParent().getParent();
  }

  private void lose(String reason) {
    lost = true;
    LOG.error("event=lease_lost lake={} reason=\"{}\"", root(), reason);
    actions.forEach(Runnable::run);
  }

  @Override
  public synchronized void require() {
    if (lost || !isSafe()) {
      throw BatchLayerErrors.leaseWasLost(root().toString(), SAFE_PERIOD.toSeconds());
    }
  }

  @Override
  public synchronized void onLoss(Runnable action) {
    actions.add(action);
    if (lost) {
      action.run();
    }
  }

  @Override
  public synchronized void close() {
    renewal.shutdownNow();
    if (!lost) {
      try {
        objects.write(lease, RELEASED);
      } catch (IOException failure) {
        LOG.warn(
            "event=lease_not_released lake={} reason=\"{}\" action=\"the lease expires in {} minutes\"",
            root(),
            failure.getMessage(),
            TERM.toMinutes());
      }
    }
  }
}
