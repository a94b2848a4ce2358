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
 * Tells an application that it was asked to end. It is raised at most once and never lowered; all
 * methods may be called from any thread.
 */
public final class StopSignal {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

  private final CountDownLatch raised = new CountDownLatch(1);
  private final List<Runnable> actions = new ArrayList<>();
  private ExitStatus status;

  /** Whether the application was asked to end. */
  public boolean requested() {
    return raised.getCount() == 0;
  }

  /** The status to end with once a stop was requested: interrupted or terminated. */
  public synchronized Optional<ExitStatus> status() {
    return Optional.ofNullable(status);
  }

  /**
   * Waits until a stop is requested, but no longer than the given time.
   *
   * @return whether a stop was requested
   */
  public boolean await(Duration longest) throws InterruptedException {
    return raised.await(longest.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Waits until a stop is requested. */
  public void await() throws InterruptedException {
    raised.await();
  }

  /**
   * Runs the action when a stop is requested, in the thread that requests it; at once when it was
   * requested before. An action that throws does not keep the others from running.
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
   * Asks the application to end with the given status; only the first call counts.
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
      raised.countDown();
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
