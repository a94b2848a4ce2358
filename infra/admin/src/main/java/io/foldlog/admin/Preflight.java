package io.foldlog.admin;

import io.foldlog.contract.PipelineException;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.TopicProvisioning;
import io.foldlog.log.TopicSpecification;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.view.ViewProvisioning;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Checks external servers and changes nothing on them.
 *
 * @param brokers the external Kafka; empty if the local stack runs its own
 * @param topics the topics that the pipeline needs
 * @param view the external Cassandra; empty if the local stack runs its own
 * @param decodeVersion of this release
 */
record Preflight(
    Optional<KafkaClients> brokers,
    List<TopicSpecification> topics,
    Optional<ViewProvisioning> view,
    int decodeVersion) {

  Preflight {
    Objects.requireNonNull(brokers);
    topics = List.copyOf(topics);
    Objects.requireNonNull(view);
  }

  /** The server that a finding is about. */
  enum Server {
    KAFKA,
    CASSANDRA;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * The result of one check.
   *
   * @param server the server that was checked
   * @param status {@link ExitStatus#SUCCESS} if the check passed
   * @param text the message
   */
  record Finding(Server server, ExitStatus status, String text) {
    @Override
    public String toString() {
      return server + ": " + text;
    }
  }

  /** All findings, also after a failed check. */
  record Result(List<Finding> findings) {

    /**
     * {@link ExitStatus#SUCCESS} if all checks passed. Otherwise {@link ExitStatus#USAGE_ERROR} if
     * any check failed with it, otherwise the status of the last failed check.
     */
    ExitStatus status() {
      List<ExitStatus> problems =
          findings.stream()
              .map(Finding::status)
              .filter(status -> status != ExitStatus.SUCCESS)
              .toList();
      if (problems.isEmpty()) {
        return ExitStatus.SUCCESS;
      }
      return problems.contains(ExitStatus.USAGE_ERROR)
          ? ExitStatus.USAGE_ERROR
          : problems.get(problems.size() - 1);
    }

    /** The findings of the failed checks, one per line. */
    String problems() {
      return findings.stream()
          .filter(finding -> finding.status() != ExitStatus.SUCCESS)
          .map(Finding::toString)
          .collect(Collectors.joining(System.lineSeparator()));
    }
  }

  private interface Check {
    List<String> run() throws InterruptedException;
  }

  /**
   * Runs all checks.
   *
   * @throws InterruptedException when interrupted while waiting for a server
   */
  Result run() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    if (brokers.isEmpty()) {
      findings.add(new Finding(Server.KAFKA, ExitStatus.SUCCESS, "the stack runs its own"));
    } else {
      for (TopicSpecification topic : topics) {
        check(Server.KAFKA, () -> TopicProvisioning.preflight(brokers.get(), topic), findings);
      }
    }
    if (view.isEmpty()) {
      findings.add(new Finding(Server.CASSANDRA, ExitStatus.SUCCESS, "the stack runs its own"));
    } else {
      check(Server.CASSANDRA, () -> view.get().preflight(decodeVersion), findings);
    }
    return new Result(List.copyOf(findings));
  }

  private static void check(Server server, Check check, List<Finding> findings)
      throws InterruptedException {
    try {
      for (String found : check.run()) {
        findings.add(new Finding(server, ExitStatus.SUCCESS, found));
      }
    } catch (PipelineException problem) {
      findings.add(new Finding(server, ExitStatus.of(problem.kind()), problem.getMessage()));
    }
  }
}
