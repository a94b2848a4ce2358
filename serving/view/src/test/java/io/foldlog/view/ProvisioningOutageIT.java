package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.local.servers.CassandraNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a dedicated node while a view is provisioned, and starts it again. */
@Tag("fault")
class ProvisioningOutageIT {

  @TempDir static Path folder;

  @Test
  void shouldCompleteProvisioningAfterTheNodeRestarts() throws Exception {
    try (CassandraNode node = CassandraNode.in(folder)) {
      node.start();
      TestView.absent(node, "before").provision(); // creates the roles
      TestView view = TestView.absent(node, "interrupted");
      CompletableFuture<Void> provisioned;
      try (CqlSession session = view.session(TestView.ADMIN)) {
        provisioned = CompletableFuture.runAsync(() -> provision(view));
        await()
            .pollInterval(Duration.ofMillis(20))
            .until(
                () ->
                    session
                            .execute(
                                "SELECT * FROM system_schema.keyspaces WHERE keyspace_name = ?",
                                view.keyspace())
                            .one()
                        != null);
      }
      node.kill();
      assertThat(provisioned).as("killed while it runs").isNotDone();
      node.start();
      provisioned.join();
      try (CqlSession session = view.session(TestView.READER)) {
        assertThat(UserViewReader.over(session, view.keyspace()).readAll(List.of())).isEmpty();
      }
    }
  }

  private static void provision(TestView view) {
    try {
      view.provisioning().provision(Duration.ofMinutes(3));
    } catch (InterruptedException interruption) {
      throw new CompletionException(interruption);
    }
  }
}
