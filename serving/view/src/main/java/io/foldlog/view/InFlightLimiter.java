package io.foldlog.view;

import java.util.function.BooleanSupplier;

/**
 * The adaptive bound on writes in flight, shared by all writers of a process. While writers wait
 * and acknowledgements are fast, the bound grows by one for as many acknowledgements as its value.
 * When the database is overloaded, it halves, at most once for as many acknowledgements as its
 * value.
 *
 * <p>Safe for use by many threads.
 */
final class InFlightLimiter {

  private static final int INITIAL_BOUND = 128;
  private static final int MIN_BOUND = 4;

  /** Above this latency, more writes in flight only wait longer. */
  private static final long MAX_LATENCY_NANOS = 250_000_000L;

  private static final double SMOOTHING = 0.02;

  private final int max;
  private double bound;
  private int inFlight;
  private int waiting;
  private double latencyNanos;
  private long acknowledgedSinceHalving;
  private long acknowledgedAtNanos = System.nanoTime();

  InFlightLimiter(int max) {
    this.max = max;
    this.bound = Math.min(INITIAL_BOUND, max);
  }

  /**
   * Waits until a write may be sent.
   *
   * @param failed checked after every completed write; true ends the wait
   * @return whether the write may be sent; false after a failure
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
    acknowledgedSinceHalving++;
    if (waiting > 0 && latencyNanos < MAX_LATENCY_NANOS) {
      bound = Math.min(max, bound + 1 / bound);
    }
    notifyAll();
  }

  synchronized void failed() {
    inFlight--;
    notifyAll();
  }

  synchronized void overloaded() {
    if (acknowledgedSinceHalving >= (long) bound || acknowledgedSinceHalving == 0) {
      bound = Math.max(Math.min(MIN_BOUND, max), bound / 2);
      acknowledgedSinceHalving = 1;
    }
  }

  /** When the last write was acknowledged, by {@link System#nanoTime}. */
  synchronized long acknowledgedAtNanos() {
    return acknowledgedAtNanos;
  }

  /** The current bound. */
  synchronized int bound() {
    return (int) bound;
  }
}
