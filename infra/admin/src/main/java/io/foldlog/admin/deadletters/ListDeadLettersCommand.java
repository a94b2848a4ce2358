package io.foldlog.admin.deadletters;

import io.foldlog.admin.errors.AdminErrors;
import io.foldlog.contract.Rejection;
import io.foldlog.log.DeadLetter;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the dead letters without the content of their records. */
@Command(
    name = "list",
    description = {
      "Lists the rejected records, one per line, without personal data.",
      "A line has the record (topic id, partition, offset), its timestamp, the reason and the field."
    })
final class ListDeadLettersCommand implements ApplicationCommand {

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      description = "Lists only records with this reason: ${COMPLETION-CANDIDATES}.")
  private Rejection.Code reason;

  @Option(
      names = "--limit",
      paramLabel = "LINES",
      defaultValue = "100",
      description = "Maximum number of lines. Default: ${DEFAULT-VALUE}.")
  private long limit;

  /** A rejected record without its content. */
  record Entry(String record, String timestamp, String reason, String field) {

    static Entry of(DeadLetter deadLetter) {
      return new Entry(
          deadLetter.record().id().toString(),
          Instant.ofEpochMilli(deadLetter.record().timestampMillis()).toString(),
          deadLetter.rejection().code().name(),
          deadLetter.rejection().field());
    }

    @Override
    public String toString() {
      return "record=%s timestamp=%s reason=%s field=%s"
          .formatted(record, timestamp, reason, field);
    }
  }

  /**
   * The result of the command.
   *
   * @param matching number of matching rejected records
   * @param deadLetters the first of them, at most {@code --limit}
   */
  record ListResult(long matching, List<Entry> deadLetters) {}

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    if (limit < 1) {
      throw AdminErrors.limitIsTooSmall(limit);
    }
    AtomicLong matching = new AtomicLong();
    List<Entry> listed = new ArrayList<>();
    new DeadLetterTopic(context)
        .read(
            deadLetter -> {
              if ((reason == null || deadLetter.rejection().code() == reason)
                  && matching.incrementAndGet() <= limit) {
                Entry entry = Entry.of(deadLetter);
                listed.add(entry);
                context.out().println(entry);
              }
            });
    context.out().printf("dead_letters=%d shown=%d%n", matching.get(), listed.size());
    return ApplicationOutcome.success(new ListResult(matching.get(), List.copyOf(listed)));
  }
}
