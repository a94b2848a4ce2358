package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;
import java.util.Optional;

/** Recognises failures for lack of heap. */
public final class HeapFailure {

  private static final long MIB = 1024 * 1024;

  private HeapFailure() {}

  /**
   * The failure to exit with, if that is the reason. Metaspace, threads and whatever else Java can
   * run out of are not the heap's.
   *
   * @param doing what was being done, to follow "while"
   * @param remedy one sentence or two: how to give it more
   */
  public static Optional<PipelineException> of(Throwable thrown, String doing, String remedy) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError && ofHeap(String.valueOf(cause.getMessage()))) {
        return Optional.of(
            RuntimeErrors.heapIsTooSmall(
                Runtime.getRuntime().maxMemory() / MIB, doing, cause.getMessage(), remedy, thrown));
      }
    }
    return Optional.empty();
  }

  private static boolean ofHeap(String message) {
    return message.startsWith("Java heap space") || message.startsWith("GC overhead limit");
  }
}
