package io.foldlog.admin.deadletters;

import io.foldlog.contract.Rejection;
import io.foldlog.log.DeadLetters;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.Command;

/** Counts the dead letters by reason. */
@Command(
    name = "count",
    description = {
      "Counts the rejected records by reason, each once.",
      "Repeats are further dead letters of the same records; others are records of the dead letter topic that are not dead letters of this version."
    })
final class CountDeadLettersCommand implements ApplicationCommand {

  /**
   * The counts.
   *
   * @param deadLetters rejected records, each counted once
   * @param repeats further dead letters of the same records
   * @param others records of the topic that are not dead letters of this version
   * @param byReason rejected records by reason
   */
  record Counts(long deadLetters, long repeats, long others, Map<Rejection.Code, Long> byReason) {}

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Map<Rejection.Code, Long> byReason = new EnumMap<>(Rejection.Code.class);
    DeadLetters.Contents contents =
        new DeadLetterTopic(context)
            .read(deadLetter -> byReason.merge(deadLetter.rejection().code(), 1L, Long::sum));
    context
        .out()
        .printf(
            "dead_letters=%d repeats=%d others=%d%n",
            contents.deadLetters(), contents.repeats(), contents.others());
    byReason.forEach(
        (code, count) -> context.out().printf("reason=%s dead_letters=%d%n", code, count));
    return ApplicationOutcome.success(
        new Counts(contents.deadLetters(), contents.repeats(), contents.others(), byReason));
  }
}
