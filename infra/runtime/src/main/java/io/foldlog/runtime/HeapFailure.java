package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;
import java.util.Optional;

/** What is said when Java's heap was too small for what there was to do. */
public final class HeapFailure {

  private static final long MIB = 1024 * 1024;

  private HeapFailure() {}

  /**
   * The failure to end with, if that is the reason; refused, for starting again does not help. What
   * else Java can run out of, as metaspace or threads, is none of the heap's.
   *
   * @param doing what was being done, to follow "while"
   * @param remedy one sentence or two: how to give it more
   */
  public static Optional<PipelineException> of(Throwable thrown, String doing, String remedy) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError && ofHeap(String.valueOf(cause.getMessage()))) {
        return Optional.of(
            PipelineException.refused(
                "The heap of %d MiB was too small while %s (%s). %s"
                    .formatted(
                        Runtime.getRuntime().maxMemory() / MIB, doing, cause.getMessage(), remedy),
                thrown));
      }
    }
    return Optional.empty();
  }

  private static boolean ofHeap(String message) {
    return message.startsWith("Java heap space") || message.startsWith("GC overhead limit");
  }
}
