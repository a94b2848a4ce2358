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
 * Objects that say who writes the lake: one for each lease, numbered, created by one of those who
 * try; the highest counts. Its run writes it again while it lives, and empties it at its end. When
 * it was not written for {@link #TERM}, anybody may create the next. A run that was held up longer
 * than that finds it lost; what it commits meanwhile meets {@link ConditionalCommits}.
 */
final class ObjectLease implements LakeLease {

  /** After so long without a sign of life, by the store's clock, the lease is anybody's. */
  static final Duration TERM = Duration.ofMinutes(2);

  private static final Duration RENEWED_EVERY = Duration.ofSeconds(20);

  /** Less than the term, by what a request may take: nobody can have taken it over yet. */
  private static final Duration SURE_FOR = Duration.ofSeconds(90);

  private static final String FOLDER = ".lease";
  private static final byte[] FREE = new byte[0];
  private static final Logger LOG = LoggerFactory.getLogger(ObjectLease.class);

  private final Path place;
  private final ConditionalObjects objects;
  private final String owner;
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

  private ObjectLease(Path place, ConditionalObjects objects, String owner, Duration renewedEvery) {
    this.place = place;
    this.objects = objects;
    this.owner = owner;
    long period = renewedEvery.toMillis();
    renewal.scheduleAtFixedRate(this::renew, period, period, TimeUnit.MILLISECONDS);
  }

  static ObjectLease take(Path root, Configuration hadoop, String run, Instant since) {
    return take(root, hadoop, run, since, RENEWED_EVERY);
  }

  static ObjectLease take(
      Path root, Configuration hadoop, String run, Instant since, Duration renewedEvery) {
    try {
      ConditionalObjects objects = ConditionalObjects.at(root, hadoop);
      String owner = owner(run, since);
      Path place = take(objects, root, owner);
      requireConditions(objects, root, place);
      return new ObjectLease(place, objects, owner, renewedEvery);
    } catch (AWSClientIOException failure) {
      throw BatchLayerErrors.objectStoreDidNotAnswer(
          root.toString(), failure.getMessage(), failure);
    } catch (IOException failure) {
      throw BatchLayerErrors.lakeObjectsAreNotWritable(
          root.toString(), failure.getMessage(), failure);
    }
  }

  private static Path take(ConditionalObjects objects, Path root, String owner) throws IOException {
    Path folder = new Path(root, FOLDER);
    List<FileStatus> leases = objects.list(folder);
    long number = 1;
    if (!leases.isEmpty()) {
      FileStatus newest = leases.get(leases.size() - 1);
      requireFree(objects, root, newest);
      number += Long.parseLong(newest.getPath().getName());
    }
    Path place = new Path(folder, "%020d".formatted(number));
    if (!objects.create(place, owner.getBytes(UTF_8))) {
      throw inUse(root, BatchLayerErrors.RUN_WITHOUT_NAME);
    }
    for (FileStatus ended : leases) {
      objects.delete(ended.getPath());
    }
    return place;
  }

  private static void requireFree(ConditionalObjects objects, Path root, FileStatus lease)
      throws IOException {
    String owner =
        new String(
            objects
                .read(lease.getPath())
                .orElseThrow(() -> inUse(root, BatchLayerErrors.RUN_WITHOUT_NAME)),
            UTF_8);
    if (owner.isEmpty()) {
      return;
    }
    Instant now = objects.now(new Path(root, FOLDER + "-" + UUID.randomUUID()));
    Duration silent = Duration.between(Instant.ofEpochMilli(lease.getModificationTime()), now);
    if (silent.compareTo(TERM) < 0) {
      throw inUse(root, owner);
    }
    LOG.warn(
        "event=lease_taken_over lake={} holder=\"{}\" silent_s={}",
        root,
        owner,
        silent.toSeconds());
  }

  /** A store that ignores them would let the last of two commits win. */
  private static void requireConditions(ConditionalObjects objects, Path root, Path place)
      throws IOException {
    if (objects.create(place, FREE)) {
      throw BatchLayerErrors.storeIgnoresConditionalWrites(root.toString());
    }
  }

  private static PipelineException inUse(Path root, String owner) {
    return BatchLayerErrors.lakeObjectsAreInUse(root.toString(), owner, TERM.toMinutes());
  }

  private static String owner(String run, Instant since) throws IOException {
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
      long begun = System.nanoTime();
      // after so long the lease may be another's, and stays lost
      if (isSure()) {
        objects.write(place, owner.getBytes(UTF_8));
      }
      if (!isSure() || !isNewest()) {
        lose("this run gave no sign of life, and another may have begun");
      }
      renewed = begun;
    } catch (IOException | RuntimeException failure) {
      LOG.warn("event=lease_not_renewed lake={} reason=\"{}\"", root(), failure.getMessage());
      if (!isSure()) {
        lose("the store did not answer");
      }
    }
  }

  private boolean isSure() {
    return System.nanoTime() - renewed <= SURE_FOR.toNanos();
  }

  private boolean isNewest() throws IOException {
    List<FileStatus> leases = objects.list(place.getParent());
    return leases.get(leases.size() - 1).getPath().getName().equals(place.getName());
  }

  private Path root() {
    return place.getParent().getParent();
  }

  private void lose(String reason) {
    lost = true;
    LOG.error("event=lease_lost lake={} reason=\"{}\"", root(), reason);
    actions.forEach(Runnable::run);
  }

  @Override
  public synchronized void require() {
    if (lost || !isSure()) {
      throw BatchLayerErrors.leaseWasLost(root().toString(), SURE_FOR.toSeconds());
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
        objects.write(place, FREE);
      } catch (IOException failure) {
        LOG.warn(
            "event=lease_not_released lake={} reason=\"{}\" action=\"the next run waits {} minutes at most\"",
            root(),
            failure.getMessage(),
            TERM.toMinutes());
      }
    }
  }
}
