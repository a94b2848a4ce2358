package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for servers: says so once a few seconds, and gives up after a limit.
 *
 * @param limit how long to wait for one server before giving up
 * @param stop ends the waiting when it is raised
 */
public record StartupTimeout(Duration limit, StopSignal stop) {
  private static final Logger LOG = LoggerFactory.getLogger(StartupTimeout.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration BETWEEN_MESSAGES = Duration.ofSeconds(5);

  /**
   * One attempt. Anything it throws means "not yet", but for a {@link PipelineException} that is
   * not {@link PipelineException.Kind#UNAVAILABLE}, such as a wrong password: no waiting cures it.
   */
  @FunctionalInterface
  public interface Probe<T> {
    /** The result, or empty when it is to be tried again. */
    Optional<T> attempt() throws Exception;
  }

  /**
   * Tries until the probe has a result.
   *
   * @param what the server and its address, as in {@code Kafka at 127.0.0.1:9092}
   * @throws PipelineException unavailable, naming the server and the last failure, after the limit
   * @throws InterruptedException when a stop was requested meanwhile
   */
  public <T> T waitFor(String what, Probe<T> probe) throws InterruptedException {
    long start = System.nanoTime();
    long nextMessage = start;
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
        throw RuntimeErrors.serverDidNotAnswer(what, limit, failure);
      }
      if (now - nextMessage >= 0) {
        LOG.info(
            "event=waiting for=\"{}\" waited_s={} limit_s={}",
            what,
            waited.toSeconds(),
            limit.toSeconds());
        nextMessage = now + BETWEEN_MESSAGES.toNanos();
      }
      if (stop.await(PAUSE)) {
        throw new InterruptedException("stopped while waiting for " + what);
      }
    }
  }
}
