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

/** The connector's sessions of this JVM: one for each configuration, shared by all who open it. */
public final class ConnectorSession {

  /**
   * The driver bounds each of its questions, but can wait for ever for all of them together. On two
   * busy processors an executor's first session, with TLS to three nodes, took over a minute.
   */
  private static final long OPEN_LIMIT_SECONDS = 120;

  private ConnectorSession() {}

  /**
   * Opens it, or takes the one that is open; closing it gives it back.
   *
   * @throws PipelineException unavailable, when it cannot be opened within two minutes
   */
  public static CqlSession open(SparkConf conf) {
    CompletableFuture<CqlSession> opening = new CompletableFuture<>();
    Thread opener =
        new Thread(
            () -> {
              try {
                opening.complete(CassandraConnector.apply(conf).openSession());
              } catch (Throwable failure) { // Scala throws checked ones undeclared
                opening.completeExceptionally(failure);
              }
            },
            "cassandra-opener");
    opener.setDaemon(true);
    opener.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    opener.start();
    try {
      return opening.get(OPEN_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failure) {
      throw SpeedLayerErrors.cassandraSessionNotOpened(OPEN_LIMIT_SECONDS, failure.getCause());
    } catch (TimeoutException failure) {
      opening.thenAccept(CqlSession::close);
      throw SpeedLayerErrors.cassandraSessionNotOpened(OPEN_LIMIT_SECONDS, failure);
    } catch (InterruptedException stopped) {
      opening.thenAccept(CqlSession::close);
      Thread.currentThread().interrupt();
      throw SpeedLayerErrors.cassandraSessionNotOpened(OPEN_LIMIT_SECONDS, stopped);
    }
  }
}
