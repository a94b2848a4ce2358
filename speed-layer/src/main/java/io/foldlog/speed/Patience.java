package io.foldlog.speed;

import io.foldlog.contract.PipelineException;
import io.foldlog.runtime.StartupTimeout;

/** Waits for what provisioning may be about to make. */
final class Patience {

  private Patience() {}

  /**
   * Waits as {@link StartupTimeout} does; where the servers answered and the thing is still missing
   * at the limit, the failure is a usage error, not unavailable.
   *
   * @param refusal throws what is missing and what to do about it
   */
  static <T> T waitFor(
      StartupTimeout waiting, String what, StartupTimeout.Probe<T> probe, Runnable refusal)
      throws InterruptedException {
    try {
      return waiting.waitFor(what, probe);
    } catch (PipelineException late) {
      if (late.kind() == PipelineException.Kind.UNAVAILABLE && late.getCause() == null) {
        refusal.run();
      }
      throw late;
    }
  }
}
