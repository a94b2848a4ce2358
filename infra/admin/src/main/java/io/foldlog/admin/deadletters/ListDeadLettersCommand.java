package io.foldlog.admin.deadletters;

import io.foldlog.contract.PipelineException;
import io.foldlog.contract.Rejection;
import io.foldlog.log.DeadLetter;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the dead letters, without what their records say. */
@Command(
    name = "list",
    description = {
      "Lists the rejected records, one a line, without personal data.",
      "A line has the place in the log (topic id, partition, offset), the timestamp, the reason and the field."
    })
final class ListDeadLettersCommand implements ApplicationCommand {

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      description = "Only those: ${COMPLETION-CANDIDATES}.")
  private Rejection.Code reason;

  @Option(
      names = "--limit",
      paramLabel = "LINES",
      defaultValue = "100",
      description = "At most so many lines; else ${DEFAULT-VALUE}.")
  private long limit;

  /** How many rejected records matched, and how many of them were shown. */
  record Listed(long letters, long shown) {}

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    if (limit < 1) {
      throw PipelineException.usageError("--limit is %d; it must be at least 1.".formatted(limit));
    }
    AtomicLong matching = new AtomicLong();
    new DeadLetterTopic(context)
        .read(
            letter -> {
              if ((reason == null || letter.rejection().code() == reason)
                  && matching.incrementAndGet() <= limit) {
                context.out().println(line(letter));
              }
            });
    context.out().printf("letters=%d shown=%d%n", matching.get(), Math.min(limit, matching.get()));
    return ApplicationOutcome.success(new Listed(matching.get(), Math.min(limit, matching.get())));
  }

  private static String line(DeadLetter letter) {
    return "place=%s timestamp=%s reason=%s field=%s"
        .formatted(
            letter.record().place(),
            Instant.ofEpochMilli(letter.record().timestampMillis()),
            letter.rejection().code(),
            letter.rejection().field());
  }
}
