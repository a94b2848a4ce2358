package io.foldlog.producer;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.contract.Rejection;
import io.foldlog.log.DeadLetters;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.Command;

/** Counts the dead letters by reason. */
@Command(
    name = "count",
    description = {
      "Counts the rejected records by reason, each once.",
      "Repeats are further letters of the same records; others are records of the dead-letter topic that are no letters of this version."
    })
final class CountDeadLettersCommand implements ApplicationCommand {

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    Map<Rejection.Code, Long> byReason = new EnumMap<>(Rejection.Code.class);
    DeadLetters.Contents contents =
        new DeadLetterTopic(settings, stop)
            .read(letter -> byReason.merge(letter.rejection().code(), 1L, Long::sum));
    System.out.printf(
        "letters=%d repeats=%d others=%d%n",
        contents.letters(), contents.repeats(), contents.others());
    byReason.forEach((code, count) -> System.out.printf("reason=%s letters=%d%n", code, count));
    return ExitStatus.DONE;
  }
}
