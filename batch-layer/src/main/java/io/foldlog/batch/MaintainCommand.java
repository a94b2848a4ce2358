package io.foldlog.batch;

import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** The command {@code maintain}. */
@Command(
    name = "maintain",
    description = "Compacts and vacuums the tables of the lake, and checks them.")
final class MaintainCommand implements ApplicationCommand {

  @ParentCommand private BatchLayer batchLayer;

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    BatchSteps steps = new BatchSteps(context, batchLayer.environment());
    return CommandRun.of(
        "maintain",
        CommandRun.Recording.RECORDED,
        context,
        batchLayer.environment().spark(),
        steps::maintain);
  }
}
