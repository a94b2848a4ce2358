package io.foldlog.runtime;

/** What an application does; its class carries the picocli annotations of its arguments. */
public interface ApplicationCommand {
  /**
   * Does the work and cleans up after it, also when the stop signal is raised meanwhile. It prints
   * to the context's output only, and touches nothing else of the process.
   *
   * @return how it ended; {@link ExitStatus#SUCCESS} after an orderly stop
   * @throws io.foldlog.contract.PipelineException for what a person can act on
   * @throws InterruptedException when the stop signal ended a wait, as {@link
   *     java.util.concurrent.CancellationException} does where that cannot be declared
   * @throws Exception anything else, which is reported as a bug
   */
  ApplicationOutcome run(ApplicationContext context) throws Exception;
}
