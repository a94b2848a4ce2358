package io.foldlog.producer;

import io.foldlog.contract.DecodeRules;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.ExitStatus;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Checks that the log holds every acknowledged event of a run. */
@Command(
    name = "verify-acks",
    description = {
      "Checks that the log holds every event of a journal that --ack-journal wrote, at its offset.",
      "Reads from the end offsets before the run to the current ones. Others may write at the same time.",
      "Exits with STATE_MISMATCH (3) if an event is missing, or differs from an earlier attempt."
    })
final class VerifyAcksCommand implements ApplicationCommand {

  @Parameters(paramLabel = "FILE", description = "The file that --ack-journal wrote.")
  private Path file;

  /**
   * The result.
   *
   * @param acknowledged positions in the file
   * @param events different events at these positions
   * @param missing positions where the topic does not hold the event
   * @param heldBack positions whose events an open transaction holds back
   * @param differing positions where the event has other bytes than at another position
   * @param from end offsets before the run
   * @param end current end offsets
   */
  record AckResult(
      int acknowledged,
      int events,
      int missing,
      int heldBack,
      int differing,
      String from,
      String end) {

    static AckResult of(AckVerifier.Findings findings) {
      return new AckResult(
          findings.acknowledged(),
          findings.events(),
          findings.missing(),
          findings.heldBack(),
          findings.differing(),
          findings.from().toString(),
          findings.end().toString());
    }
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    KafkaSettings kafka = KafkaSettings.from(context.settings());
    AckVerifier verifier =
        new AckVerifier(file, DecodeRules.current(kafka.createTime()).newDecoder());
    try (EventTopic log = EventTopic.open(Producer.connection(context), kafka.topic())) {
      AckVerifier.Findings findings = verifier.in(log, log.end());
      context.out().println(findings.line());
      AckResult result = AckResult.of(findings);
      if (findings.isSound()) {
        return ApplicationOutcome.success(result);
      }
      return ApplicationOutcome.of(
          ExitStatus.STATE_MISMATCH,
          ProducerErrors.acknowledgedRecordsAreMissing(kafka.topic(), file, findings),
          result);
    }
  }
}
