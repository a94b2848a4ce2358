package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The first failure found by what watches a query: the query has to end with it. An exception alone
 * would not do, because in continuous mode Spark only logs what a commit throws. Thread-safe.
 */
final class FirstFailure {

  private final AtomicReference<PipelineException> failure = new AtomicReference<>();

  /** Keeps the failure if it is the first; returns it, to be thrown. */
  PipelineException report(PipelineException found) {
    failure.compareAndSet(null, found);
    return found;
  }

  /** Why the query has to end, once it has to. */
  Optional<PipelineException> get() {
    return Optional.ofNullable(failure.get());
  }
}
