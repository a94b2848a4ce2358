package io.foldlog.log;

/**
 * Sizes of a consumer's fetches that fit the heap. Kafka bounds fetches by their compressed bytes
 * only, and records of a few kilobytes can be megabytes once they are unpacked. The number of
 * records per poll bounds the unpacked bytes.
 */
public final class FetchSizes {

  private static final long MEBIBYTE = 1L << 20;

  /** The heap for each record of a poll. */
  private static final long HEAP_PER_RECORD = 8 * MEBIBYTE;

  private static final long MAX_POLL_RECORDS = 2000;

  /** Kafka's default. */
  private static final long MAX_FETCH_BYTES = 50 * MEBIBYTE;

  private static final int HEAP_PER_FETCH = 16;

  private FetchSizes() {}

  /**
   * The consumer's {@code max.poll.records}.
   *
   * @param heap the maximum heap of the consumer's JVM, in bytes
   */
  public static int maxPollRecords(long heap) {
    return (int) Math.max(1, Math.min(MAX_POLL_RECORDS, heap / HEAP_PER_RECORD));
  }

  /**
   * The consumer's {@code fetch.max.bytes}: at most a sixteenth of the heap, at least 1 MiB.
   *
   * @param heap as in {@link #maxPollRecords}
   */
  public static int fetchMaxBytes(long heap) {
    return (int) Math.max(MEBIBYTE, Math.min(MAX_FETCH_BYTES, heap / HEAP_PER_FETCH));
  }
}
