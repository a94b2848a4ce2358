package io.foldlog.batch.archive;

import java.util.Set;

/**
 * What the operator has said to go on with.
 *
 * @param accepted what would be refused otherwise
 */
public record ArchiveOptions(Set<Acceptance> accepted) {

  /** Something that is refused unless it is accepted. */
  public enum Acceptance {
    /** Records of the log are missing, or are others than those archived. */
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
