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

/** Lists the dead letters, without what their records say. */
@Command(
    name = "list",
    description = {
      "Lists the rejected records, one a line, without personal data.",
      "A line has the record (topic id, partition, offset), its timestamp, the reason and the field."
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

  /** A rejected record, without what it says. */
  record Entry(String record, String timestamp, String reason, String field) {

    static Entry of(DeadLetter letter) {
      return new Entry(
          letter.record().id().toString(),
          Instant.ofEpochMilli(letter.record().timestampMillis()).toString(),
          letter.rejection().code().name(),
          letter.rejection().field());
    }

    @Override
    public String toString() {
      return "record=%s timestamp=%s reason=%s field=%s"
          .formatted(record, timestamp, reason, field);
    }
  }

  /**
   * What was listed.
   *
   * @param matching rejected records that match
   * @param deadLetters the first of them, {@code --limit} at most
   */
  record Listed(long matching, List<Entry> deadLetters) {}

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    if (limit < 1) {
      throw AdminErrors.limitIsTooSmall(limit);
    }
    AtomicLong matching = new AtomicLong();
    List<Entry> listed = new ArrayList<>();
    new DeadLetterTopic(context)
        .read(
            letter -> {
              if ((reason == null || letter.rejection().code() == reason)
                  && matching.incrementAndGet() <= limit) {
                Entry entry = Entry.of(letter);
                listed.add(entry);
                context.out().println(entry);
              }
            });
    context.out().printf("dead_letters=%d shown=%d%n", matching.get(), listed.size());
    return ApplicationOutcome.success(new Listed(matching.get(), List.copyOf(listed)));
  }
}
