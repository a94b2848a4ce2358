package io.foldlog.batch.archive;

import java.util.Set;

/**
 * The conditions that the operator accepts.
 *
 * @param accepted conditions that otherwise fail the run
 */
public record ArchiveOptions(Set<Acceptance> accepted) {

  /** A condition that fails the run unless it is accepted. */
  public enum Acceptance {
    /** Records of the log are missing or differ from the archived ones. */
    GAP,
    /** The topic was deleted and created again. */
    NEW_TOPIC
  }

  public ArchiveOptions {
    accepted = Set.copyOf(accepted);
  }

  boolean accepts(Acceptance acceptance) {
    return accepted.contains(acceptance);
  }
}
