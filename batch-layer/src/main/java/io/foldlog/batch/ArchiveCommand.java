package io.foldlog.batch;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.batch.archive.Archive;
import io.foldlog.batch.archive.ArchiveFigures;
import io.foldlog.batch.archive.ArchiveOptions;
import io.foldlog.batch.archive.ArchiveOptions.Acceptance;
import io.foldlog.log.Log;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Copies the log into the lake. */
@Command(name = "archive", description = "Copies the log into the lake, up to its end of now.")
final class ArchiveCommand implements ApplicationCommand {

  /** What the archive may be told. */
  static final class Arguments {

    @Option(
        names = "--accept-gap",
        description = "Goes on where records are missing or differ, and records that it did.")
    boolean acceptGap;

    @Option(
        names = "--accept-new-topic",
        description = "Goes on with a topic that was created again, and records that it did.")
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

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    return BatchRun.of(
        "archive",
        settings,
        stop,
        run -> {
          archive(run, arguments);
          return ExitStatus.DONE;
        });
  }

  static ArchiveFigures archive(BatchRun run, Arguments arguments) throws Exception {
    try (Log log = run.awaitLog()) {
      return run.step(
          "archive",
          () ->
              new Archive(run.lake(), log, run.kafka().clientProperties(), run.name())
                  .run(arguments.options()));
    }
  }
}
