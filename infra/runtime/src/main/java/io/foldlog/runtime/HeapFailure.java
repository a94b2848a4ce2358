package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;
import java.util.Optional;

/** Detects failures caused by an exhausted Java heap. */
public final class HeapFailure {

  private static final long MIB = 1024 * 1024;

  private HeapFailure() {}

  /**
   * The failure to exit with, if the heap is exhausted. Other resources of the JVM, such as
   * metaspace or threads, do not count.
   *
   * @param doing the activity, as a clause that follows "while"
   * @param remedy how to raise the heap, in one or two sentences
   */
  public static Optional<PipelineException> of(Throwable thrown, String doing, String remedy) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError && isHeapMessage(String.valueOf(cause.getMessage()))) {
        return Optional.of(
            RuntimeErrors.heapIsTooSmall(
                Runtime.getRuntime().maxMemory() / MIB, doing, cause.getMessage(), remedy, thrown));
      }
    }
    return Optional.empty();
  }

  private static boolean isHeapMessage(String message) {
    return message.startsWith("Java heap space") || message.startsWith("GC overhead limit");
  }
}
