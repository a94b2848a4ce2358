package io.foldlog.runtime;

/** The work of an application. The class carries the picocli annotations of the arguments. */
public interface ApplicationCommand {
  /**
   * Does the work and releases its resources, also when a stop is requested during the run. Prints
   * only to the context's output and does not change any other state of the process.
   *
   * @return the outcome; {@link ExitStatus#SUCCESS} after an orderly stop
   * @throws io.foldlog.contract.PipelineException for a failure that a user can act on
   * @throws InterruptedException when a stop request interrupts a wait. Code that cannot declare it
   *     throws {@link java.util.concurrent.CancellationException} instead
   * @throws Exception any other failure; it is reported as an internal error
   */
  ApplicationOutcome run(ApplicationContext context) throws Exception;
}
