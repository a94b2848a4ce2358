package io.foldlog.speed.sink;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.spark.connector.cql.CassandraConnector;
import io.foldlog.contract.PipelineException;
import io.foldlog.speed.errors.SpeedLayerErrors;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;

/** The connector's sessions of this JVM. Each configuration has one shared session. */
public final class ConnectorSession {

  /**
   * The driver has a timeout for each request, but none for the whole open. On two busy processors,
   * the first session of an executor with TLS to three nodes took more than a minute.
   */
  private static final long OPEN_TIMEOUT_SECONDS = 120;

  private ConnectorSession() {}

  /**
   * Opens a session, or returns the open one. Close releases the session.
   *
   * @throws PipelineException unavailable, if it cannot be opened within two minutes
   */
  public static CqlSession open(SparkConf conf) {
    CompletableFuture<CqlSession> opening = new CompletableFuture<>();
    Thread opener =
        new Thread(
            () -> {
              try {
                opening.complete(CassandraConnector.apply(conf).openSession());
              } catch (Throwable failure) { // Scala methods do not declare checked exceptions
                opening.completeExceptionally(failure);
              }
            },
            "cassandra-opener");
    opener.setDaemon(true);
    opener.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    opener.start();
    try {
      return opening.get(OPEN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failure) {
      throw SpeedLayerErrors.cassandraSessionNotOpened(OPEN_TIMEOUT_SECONDS, failure.getCause());
    } catch (TimeoutException failure) {
      opening.thenAccept(CqlSession::close);
      throw SpeedLayerErrors.cassandraSessionNotOpened(OPEN_TIMEOUT_SECONDS, failure);
    } catch (InterruptedException stopped) {
      opening.thenAccept(CqlSession::close);
      Thread.currentThread().interrupt();
      throw SpeedLayerErrors.cassandraSessionNotOpened(OPEN_TIMEOUT_SECONDS, stopped);
    }
  }
}
