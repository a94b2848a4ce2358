package io.foldlog.batch;

/**
 * Named places where a test may end the process as a power cut would. Off unless the system
 * property {@code foldlog.fault-point} names one.
 */
public final class FaultPoint {

  private static final String NAMED = System.getProperty("foldlog.fault-point", "");

  private FaultPoint() {}

  /** Whether any place was named. */
  static boolean isNamed() {
    return !NAMED.isEmpty();
  }

  /** Ends the process here if this is the place that was named. */
  public static void reach(String name) {
    if (name.equals(NAMED)) {
      Runtime.getRuntime().halt(137);
    }
  }
}
