package io.foldlog.batch.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.foldlog.contract.PipelineException;
import io.foldlog.local.servers.ObjectStore;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conditional commits and leases in an object store. */
class ConditionalObjectsIT {

  private static final Duration NO_RENEWAL = Duration.ofHours(1);
  private static final Instant STARTED = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir private static java.nio.file.Path folder;
  private static ObjectStore store;
  private static Configuration hadoop;

  @BeforeAll
  static void start() throws Exception {
    store = ObjectStore.in(folder);
    store.createBucket("bucket");
    store.start();
    hadoop = new Configuration();
    hadoop.set("fs.s3a.endpoint", store.endpoint());
    hadoop.set("fs.s3a.endpoint.region", "us-east-1");
    hadoop.set("fs.s3a.path.style.access", "true");
    hadoop.set("fs.s3a.access.key", ObjectStore.ACCESS_KEY);
    hadoop.set("fs.s3a.secret.key", Files.readString(store.secretKey()).strip());
  }

  @AfterAll
  static void end() {
    store.close();
  }

  private static java.nio.file.Path file(Path object) {
    return folder.resolve("data").resolve(object.toUri().getHost() + object.toUri().getPath());
  }

  @Test
  void shouldRejectSecondWriteOfSameCommit() throws Exception {
    ConditionalCommits commits = new ConditionalCommits(hadoop);
    Path first = new Path("s3a://bucket/table/_delta_log/00000000000000000000.json");
    commits.write(first, List.of("{\"one\":1}", "{\"two\":2}").iterator(), false, hadoop);
    assertThatThrownBy(() -> commits.write(first, List.of("{}").iterator(), false, hadoop))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file(first)).hasContent("{\"one\":1}\n{\"two\":2}\n");
    commits.write(first, List.of("{}").iterator(), true, hadoop);
    assertThat(file(first)).hasContent("{}\n");
  }

  @Test
  void shouldLetExactlyOneOfSeveralWritersCommit() throws Exception {
    int writers = 4;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      for (int version = 0; version < 20; version++) {
        Path commit = new Path("s3a://bucket/contended/_delta_log/%020d.json".formatted(version));
        CyclicBarrier start = new CyclicBarrier(writers);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
          String line = "{\"writer\":%d}".formatted(writer);
          results.add(
              threads.submit(
                  () -> {
                    start.await();
                    try {
                      new ConditionalCommits(hadoop)
                          .write(commit, List.of(line).iterator(), false, hadoop);
                      return true;
                    } catch (FileAlreadyExistsException otherWriter) {
                      return false;
                    }
                  }));
        }
        List<Integer> winners = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
          if (results.get(writer).get()) {
            winners.add(writer);
          }
        }
        assertThat(winners).hasSize(1);
        assertThat(file(commit)).hasContent("{\"writer\":%d}\n".formatted(winners.get(0)));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void shouldTakeOverLeaseThatWasNotRenewed() throws Exception {
    Path root = new Path("s3a://bucket/taken-over");
    ObjectLease dead = ObjectLease.take(root, hadoop, "dead", STARTED, NO_RENEWAL);
    assertThatThrownBy(() -> ObjectLease.take(root, hadoop, "second", STARTED, NO_RENEWAL))
        .isInstanceOf(PipelineException.class)
        .hasMessageContaining("in use by run dead");
    Instant before = Instant.now().minus(ObjectLease.TERM).minusSeconds(1);
    Files.setLastModifiedTime(lease(root, 1), FileTime.from(before));
    try (ObjectLease second = ObjectLease.take(root, hadoop, "second", STARTED, NO_RENEWAL)) {
      second.require();
      dead.close(); // like a resumed process that releases a lease that it has lost
      assertThatThrownBy(() -> ObjectLease.take(root, hadoop, "third", STARTED, NO_RENEWAL))
          .hasMessageContaining("in use by run second");
    }
    ObjectLease.take(root, hadoop, "third", STARTED, NO_RENEWAL).close();
  }

  @Test
  void shouldReportLossWhenAnotherRunTakesTheLease() throws Exception {
    Path root = new Path("s3a://bucket/lost");
    AtomicBoolean isNotified = new AtomicBoolean();
    try (ObjectLease lease =
        ObjectLease.take(root, hadoop, "first", STARTED, Duration.ofMillis(100))) {
      lease.onLoss(() -> isNotified.set(true));
      lease.require();
      FileTime taken = Files.getLastModifiedTime(lease(root, 1));
      await().until(() -> Files.getLastModifiedTime(lease(root, 1)).compareTo(taken) > 0);
      lease.require();
      Files.writeString(lease(root, 2), "run other");
      await().untilTrue(isNotified);
      assertThatThrownBy(lease::require).hasMessageContaining("was lost");
    }
    assertThat(lease(root, 2)).hasContent("run other");
  }

  private static java.nio.file.Path lease(Path root, int number) {
    return file(new Path(root, ".lease/%020d".formatted(number)));
  }
}
