package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The first failure that ends a query. The commit gate and the watchdog report it here, because in
 * continuous mode Spark only logs an exception of a commit. Thread-safe.
 */
final class FirstFailure {

  private final AtomicReference<PipelineException> failure = new AtomicReference<>();

  /** Stores the failure if it is the first. Returns it, so that the caller can throw it. */
  PipelineException report(PipelineException found) {
    failure.compareAndSet(null, found);
    return found;
  }

  /** The failure with which the query must end; empty if there is none. */
  Optional<PipelineException> get() {
    return Optional.ofNullable(failure.get());
  }
}
