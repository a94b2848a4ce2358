package io.foldlog.view;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.config.ProgrammaticDriverConfigLoaderBuilder;
import com.datastax.oss.driver.internal.core.ssl.DefaultSslEngineFactory;
import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens sessions to the view's database for applications without the Spark connector. */
public final class ViewSession {

  private static final Logger LOG = LoggerFactory.getLogger(ViewSession.class);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration OPEN_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private ViewSession() {}

  /**
   * Opens a session with one attempt. Closing the session does not wait for the driver.
   *
   * @throws PipelineException usage error on a wrong password or data centre; unavailable when no
   *     node answers
   */
  public static CqlSession open(ViewConnection connection) {
    CqlSession session = build(connection);
    try {
      requireDatacenter(session, connection);
      return session;
    } catch (PipelineException refused) {
      session.close();
      throw refused;
    }
  }

  /** The driver's timeouts apply to each request. This timeout applies to all of them together. */
  private static CqlSession build(ViewConnection connection) {
    CompletableFuture<CqlSession> building =
        AsyncCloseSession.builder()
            .withConfigLoader(configuration(connection))
            .addContactPoints(connection.contactPoints())
            .withLocalDatacenter(connection.localDatacenter())
            .withAuthCredentials(
                connection.credentials().role(), connection.credentials().password())
            .buildAsync()
            .toCompletableFuture();
    try {
      return building.get(OPEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof AllNodesFailedException all) {
        throw translate(connection, all);
      }
      if (failure.getCause() instanceof DriverException other) {
        throw ViewErrors.clusterDoesNotAnswer(connection, other);
      }
      throw new IllegalStateException("Cannot open a session", failure.getCause());
    } catch (TimeoutException failure) {
      building.thenAccept(CqlSession::close);
      throw ViewErrors.clusterDoesNotAnswer(connection, failure);
    } catch (InterruptedException interruption) {
      building.thenAccept(CqlSession::close);
      Thread.currentThread().interrupt();
      throw ViewErrors.clusterDoesNotAnswer(connection, interruption);
    }
  }

  /**
   * Opens a session as soon as a node answers.
   *
   * @throws PipelineException usage error on a wrong password or data centre; unavailable when no
   *     node answers within the limit
   * @throws InterruptedException when interrupted while waiting
   */
  public static CqlSession await(ViewConnection connection, Duration limit)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    boolean logged = false;
    while (true) {
      try {
        return open(connection);
      } catch (PipelineException failure) {
        if (failure.kind() != PipelineException.Kind.UNAVAILABLE || System.nanoTime() >= end) {
          throw failure;
        }
        if (!logged) {
          LOG.warn(
              "event=waiting for=Cassandra hosts={} limit_s={}",
              connection.hosts(),
              limit.toSeconds());
          logged = true;
        }
        Thread.sleep(PAUSE.toMillis());
      }
    }
  }

  private static DriverConfigLoader configuration(ViewConnection connection) {
    ProgrammaticDriverConfigLoaderBuilder builder = DriverConfigLoader.programmaticBuilder();
    connection
        .trust()
        .ifPresent(
            trust ->
                builder
                    .withClass(
                        DefaultDriverOption.SSL_ENGINE_FACTORY_CLASS, DefaultSslEngineFactory.class)
                    .withString(DefaultDriverOption.SSL_TRUSTSTORE_PATH, trust.store().toString())
                    .withString(DefaultDriverOption.SSL_TRUSTSTORE_PASSWORD, trust.password())
                    .withBoolean(DefaultDriverOption.SSL_HOSTNAME_VALIDATION, true));
    return builder
        .withString(DefaultDriverOption.SESSION_NAME, "view")
        .withString(
            DefaultDriverOption.REQUEST_CONSISTENCY, DefaultConsistencyLevel.LOCAL_QUORUM.name())
        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, REQUEST_TIMEOUT)
        .withInt(DefaultDriverOption.REQUEST_PAGE_SIZE, UserViewReader.PAGE_ROWS)
        .withInt(DefaultDriverOption.CONNECTION_POOL_LOCAL_SIZE, 2)
        .withDuration(DefaultDriverOption.CONNECTION_CONNECT_TIMEOUT, REQUEST_TIMEOUT)
        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, REQUEST_TIMEOUT)
        .withDuration(DefaultDriverOption.CONNECTION_SET_KEYSPACE_TIMEOUT, REQUEST_TIMEOUT)
        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, REQUEST_TIMEOUT)
        .withDuration(DefaultDriverOption.METADATA_SCHEMA_REQUEST_TIMEOUT, REQUEST_TIMEOUT)
        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_AGREEMENT_TIMEOUT, REQUEST_TIMEOUT)
        .withStringList(
            DefaultDriverOption.METADATA_SCHEMA_REFRESHED_KEYSPACES, List.of(connection.keyspace()))
        .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, Duration.ofMillis(500))
        .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, Duration.ofSeconds(5))
        .withDuration(DefaultDriverOption.METADATA_SCHEMA_WINDOW, Duration.ofMillis(50))
        .build();
  }

  private static PipelineException translate(
      ViewConnection connection, AllNodesFailedException failure) {
    boolean loginRefused =
        failure.getAllErrors().values().stream()
            .flatMap(List::stream)
            .anyMatch(AuthenticationException.class::isInstance);
    if (loginRefused) {
      return ViewErrors.loginIsRefused(connection, failure);
    }
    Optional<SSLException> tlsFailure =
        failure.getAllErrors().values().stream()
            .flatMap(List::stream)
            .flatMap(error -> Stream.iterate(error, Objects::nonNull, Throwable::getCause))
            .filter(SSLException.class::isInstance)
            .map(SSLException.class::cast)
            .findFirst();
    if (tlsFailure.isPresent()) {
      return ViewErrors.tlsDiffers(connection, tlsFailure.get().getMessage(), failure);
    }
    return ViewErrors.clusterDoesNotAnswer(connection, failure);
  }

  private static void requireDatacenter(CqlSession session, ViewConnection connection) {
    Set<String> known =
        session.getMetadata().getNodes().values().stream()
            .map(node -> String.valueOf(node.getDatacenter()))
            .collect(Collectors.toCollection(TreeSet::new));
    if (!known.contains(connection.localDatacenter())) {
      throw ViewErrors.datacenterIsMissing(connection, known);
    }
  }
}
