package io.foldlog.batch;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.contract.PipelineException;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** The command {@code nightly}. */
@Command(
    name = "nightly",
    description =
        "Runs archive, fold, reconcile and maintain, one after another. Drift that remains after reconcile fails the run, but does not keep maintain from running.")
final class NightlyCommand implements ApplicationCommand {

  private static final Logger LOG = LoggerFactory.getLogger(NightlyCommand.class);

  @Mixin private ArchiveCommand.Arguments archive = new ArchiveCommand.Arguments();
  @Mixin private FoldCommand.Arguments fold = new FoldCommand.Arguments();
  @Mixin private ReconcileCommand.Arguments reconcile = new ReconcileCommand.Arguments();

  @ParentCommand private BatchLayer batchLayer;

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    BatchSteps steps = new BatchSteps(context, batchLayer.environment());
    return CommandRun.of(
        "nightly",
        reconcile.recording(),
        context,
        batchLayer.environment().spark(),
        run -> {
          steps.archive(run, archive.options());
          steps.fold(run, fold.mode());
          try {
            steps.reconcile(run, reconcile.options());
          } catch (PipelineException failure) {
            if (isDrift(failure)) {
              maintainAfter(failure, steps, run);
            }
            throw failure;
          }
          steps.maintain(run);
        });
  }

  /** Whether reconcile came to its end, so that the lake and its servers are usable. */
  private static boolean isDrift(PipelineException failure) {
    return switch (failure.kind()) {
      case REPAIR_LIMIT_EXCEEDED, UNRESOLVED_DRIFT -> true;
      case USAGE_ERROR, STATE_MISMATCH, UNAVAILABLE, RESOURCE_EXHAUSTED -> false;
    };
  }

  private static void maintainAfter(PipelineException drift, BatchSteps steps, CommandRun run)
      throws InterruptedException {
    try {
      steps.maintain(run);
    } catch (InterruptedException interruption) {
      throw interruption;
    } catch (Exception failure) { // Spark throws checked exceptions that it does not declare
      if (!(failure instanceof PipelineException)) {
        LOG.error("event=maintain_failed", failure);
      }
      throw BatchLayerErrors.maintainFailedAfterReconcile(
          drift, String.valueOf(failure.getMessage()));
    }
  }
}
