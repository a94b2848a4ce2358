package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import io.foldlog.contract.UserField;
import java.util.Set;
import java.util.UUID;

/**
 * A repair that Cassandra refused, such as one beyond a guardrail.
 *
 * @param userId the user that was to be repaired
 * @param fields the cells of the refused write; empty for the deletion of the row
 * @param reason the message of Cassandra
 */
public record RejectedRepair(UUID userId, Set<UserField> fields, String reason) {

  public RejectedRepair {
    requireNonNull(userId);
    fields = Set.copyOf(fields);
    requireNonNull(reason);
  }
}
