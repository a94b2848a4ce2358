package io.foldlog.view;

import java.util.function.BooleanSupplier;

/**
 * The bound of writes in flight, shared by all writers of a process. It grows by one for each
 * window's worth of acknowledgements while writers wait for it and acknowledgements come fast, and
 * halves when the database is overloaded, at most once for each window.
 *
 * <p>Safe for use by many threads.
 */
final class InFlightLimiter {

  private static final int START = 128;
  private static final int LEAST = 4;

  /** Beyond this, more writes in flight only wait longer. */
  private static final long SLOW_NANOS = 250_000_000L;

  private static final double SMOOTHING = 0.02;

  private final int most;
  private double bound;
  private int inFlight;
  private int waiting;
  private double latencyNanos;
  private long acknowledgedSinceCut;
  private long acknowledgedAtNanos = System.nanoTime();

  InFlightLimiter(int most) {
    this.most = most;
    this.bound = Math.min(START, most);
  }

  /**
   * Waits for a place.
   *
   * @param failed asked whenever something ended; true ends the wait
   * @return whether there is a place; false once failed
   */
  synchronized boolean enter(BooleanSupplier failed) throws InterruptedException {
    waiting++;
    try {
      while (!failed.getAsBoolean()) {
        if (inFlight < (int) bound) {
          inFlight++;
          return true;
        }
        wait();
      }
      return false;
    } finally {
      waiting--;
    }
  }

  synchronized void acknowledged(long tookNanos) {
    inFlight--;
    acknowledgedAtNanos = System.nanoTime();
    latencyNanos += SMOOTHING * (tookNanos - latencyNanos);
    acknowledgedSinceCut++;
    if (waiting > 0 && latencyNanos < SLOW_NANOS) {
      bound = Math.min(most, bound + 1 / bound);
    }
    notifyAll();
  }

  synchronized void failed() {
    inFlight--;
    notifyAll();
  }

  synchronized void overloaded() {
    if (acknowledgedSinceCut >= (long) bound || acknowledgedSinceCut == 0) {
      bound = Math.max(Math.min(LEAST, most), bound / 2);
      acknowledgedSinceCut = 1;
    }
  }

  /** When the last write was acknowledged, as {@link System#nanoTime}. */
  synchronized long acknowledgedAtNanos() {
    return acknowledgedAtNanos;
  }

  /** The bound now. */
  synchronized int bound() {
    return (int) bound;
  }
}
