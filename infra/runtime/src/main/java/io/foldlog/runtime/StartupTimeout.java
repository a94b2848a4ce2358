package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for servers. Logs the wait every 5 seconds and fails after the timeout.
 *
 * @param limit how long to wait for one server
 * @param stop ends the wait
 */
public record StartupTimeout(Duration limit, StopSignal stop) {
  private static final Logger LOG = LoggerFactory.getLogger(StartupTimeout.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

  /**
   * One attempt. A failure is retried, except a {@link PipelineException} of another kind than
   * {@link PipelineException.Kind#UNAVAILABLE}, such as a wrong password.
   */
  @FunctionalInterface
  public interface Probe<T> {
    /** Returns the result, or empty to try again. */
    Optional<T> attempt() throws Exception;
  }

  /**
   * Repeats the probe until it returns a result.
   *
   * @param server its name and address, such as {@code Kafka at 127.0.0.1:9092}
   * @throws PipelineException unavailable, after the timeout; the message names the server and the
   *     last failure
   * @throws InterruptedException when a stop is requested during the wait
   */
  public <T> T waitFor(String server, Probe<T> probe) throws InterruptedException {
    long start = System.nanoTime();
    long nextLog = start;
    while (true) {
      Exception failure = null;
      try {
        Optional<T> result = probe.attempt();
        if (result.isPresent()) {
          return result.get();
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (PipelineException e) {
        if (e.kind() != PipelineException.Kind.UNAVAILABLE) {
          throw e;
        }
        failure = e;
      } catch (Exception e) {
        failure = e;
      }
      long now = System.nanoTime();
      Duration waited = Duration.ofNanos(now - start);
      if (waited.compareTo(limit) >= 0) {
        throw RuntimeErrors.serverDidNotAnswer(server, limit, failure);
      }
      if (now - nextLog >= 0) {
        LOG.info(
            "event=waiting for=\"{}\" waited_s={} limit_s={}",
            server,
            waited.toSeconds(),
            limit.toSeconds());
        nextLog = now + LOG_INTERVAL.toNanos();
      }
      if (stop.await(PAUSE)) {
        throw new InterruptedException("stopped while waiting for " + server);
      }
    }
  }
}
