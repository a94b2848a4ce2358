package io.foldlog.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an application that it must end. The first request is final. Safe for use by many threads.
 */
public final class StopSignal {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

  private final CountDownLatch requested = new CountDownLatch(1);
  private final List<Runnable> actions = new ArrayList<>();
  private ExitStatus status;

  /** Whether a stop was requested. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** The exit status of a requested stop: interrupted or terminated. Empty before a request. */
  public synchronized Optional<ExitStatus> status() {
    return Optional.ofNullable(status);
  }

  /**
   * Waits until a stop is requested or the timeout has elapsed.
   *
   * @return whether a stop was requested
   */
  public boolean await(Duration timeout) throws InterruptedException {
    return requested.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Waits until a stop is requested. */
  public void await() throws InterruptedException {
    requested.await();
  }

  /**
   * Runs the action when a stop is requested, in the thread that requests it. Runs it immediately
   * if a stop was already requested. All actions run even if one of them throws.
   */
  public void onRequest(Runnable action) {
    synchronized (this) {
      if (status == null) {
        actions.add(action);
        return;
      }
    }
    run(action);
  }

  /**
   * Requests the application to end with the given status. Only the first call has an effect.
   *
   * @return whether this was the first call
   */
  public boolean request(ExitStatus endWith) {
    List<Runnable> toRun;
    synchronized (this) {
      if (status != null) {
        return false;
      }
      status = endWith;
      toRun = List.copyOf(actions);
      requested.countDown();
    }
    toRun.forEach(StopSignal::run);
    return true;
  }

  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("event=stop_action_failed", e);
    }
  }
}
