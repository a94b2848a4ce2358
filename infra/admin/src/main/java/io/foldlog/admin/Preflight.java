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
 * Looks whether servers that others run will do, and changes nothing on them.
 *
 * @param brokers empty, when the stack runs its own
 * @param topics that the pipeline needs
 * @param view empty, when the stack runs its own Cassandra
 */
record Preflight(
    Optional<KafkaClients> brokers,
    List<TopicSpecification> topics,
    Optional<ViewProvisioning> view) {

  Preflight {
    Objects.requireNonNull(brokers);
    topics = List.copyOf(topics);
    Objects.requireNonNull(view);
  }

  /** Which server a finding is about. */
  enum Server {
    KAFKA,
    CASSANDRA;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * What was found.
   *
   * @param server what it is about
   * @param status done, where nothing is in the way
   * @param text a sentence
   */
  record Finding(Server server, ExitStatus status, String text) {
    @Override
    public String toString() {
      return server + ": " + text;
    }
  }

  /** All that was found, whatever is in the way. */
  record Result(List<Finding> findings) {

    /** Refused, if anything was; else the last problem; else done. */
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

    /** The findings that are in the way, a line each. */
    String problems() {
      return findings.stream()
          .filter(finding -> finding.status() != ExitStatus.SUCCESS)
          .map(Finding::toString)
          .collect(Collectors.joining(System.lineSeparator()));
    }
  }

  private interface Look {
    List<String> at() throws InterruptedException;
  }

  /**
   * Looks.
   *
   * @throws InterruptedException when interrupted while waiting for a server
   */
  Result run() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    if (brokers.isEmpty()) {
      findings.add(new Finding(Server.KAFKA, ExitStatus.SUCCESS, "the stack runs its own"));
    } else {
      for (TopicSpecification topic : topics) {
        look(Server.KAFKA, () -> List.of(TopicProvisioning.check(brokers.get(), topic)), findings);
      }
    }
    if (view.isEmpty()) {
      findings.add(new Finding(Server.CASSANDRA, ExitStatus.SUCCESS, "the stack runs its own"));
    } else {
      look(Server.CASSANDRA, () -> view.get().check(), findings);
    }
    return new Result(List.copyOf(findings));
  }

  private static void look(Server server, Look look, List<Finding> findings)
      throws InterruptedException {
    try {
      for (String found : look.at()) {
        findings.add(new Finding(server, ExitStatus.SUCCESS, found));
      }
    } catch (PipelineException problem) {
      findings.add(new Finding(server, ExitStatus.of(problem.kind()), problem.getMessage()));
    }
  }
}
