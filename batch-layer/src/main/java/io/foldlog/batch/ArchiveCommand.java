package io.foldlog.batch;

import io.foldlog.batch.archive.ArchiveOptions;
import io.foldlog.batch.archive.ArchiveOptions.Acceptance;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The command {@code archive}. */
@Command(
    name = "archive",
    description = "Appends the log to the lake, up to the current end of the log.")
final class ArchiveCommand implements ApplicationCommand {

  /** The options of the archive step, also for {@link NightlyCommand}. */
  static final class Arguments {

    @Option(
        names = "--accept-gap",
        description =
            "Continues although records are missing, and records the gap. If the log holds other records than the archived ones, archives all that it holds as another log.")
    boolean acceptGap;

    @Option(
        names = "--accept-new-topic",
        description = "Continues with a topic that was created again, and records the gap.")
    boolean acceptNewTopic;

    ArchiveOptions options() {
      Set<Acceptance> accepted = EnumSet.noneOf(Acceptance.class);
      if (acceptGap) {
        accepted.add(Acceptance.GAP);
      }
      if (acceptNewTopic) {
        accepted.add(Acceptance.NEW_TOPIC);
      }
      return new ArchiveOptions(accepted);
    }
  }

  @Mixin private Arguments arguments = new Arguments();

  @ParentCommand private BatchLayer batchLayer;

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    BatchSteps steps = new BatchSteps(context, batchLayer.environment());
    return CommandRun.of(
        "archive",
        CommandRun.Recording.RECORDED,
        context,
        batchLayer.environment().spark(),
        run -> steps.archive(run, arguments.options()));
  }
}
