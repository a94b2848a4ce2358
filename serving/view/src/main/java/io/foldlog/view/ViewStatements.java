package io.foldlog.view;

import io.foldlog.contract.UserEvent;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * The statements that write the view. Each call sends a statement once and does not wait. The stage
 * completes when the database acknowledges the write or the write fails. Safe for use by many
 * threads.
 */
interface ViewStatements {

  /** Writes the set and cleared fields of the event at the event's time. */
  CompletionStage<?> insert(UserEvent event);

  /** Writes the cells of a user that have that time, in µs. Ignores cells with another time. */
  CompletionStage<?> update(UUID userId, List<CellWrite> cells, long timeMicros);

  /** Deletes all cells of a user at or before that time, in µs. */
  CompletionStage<?> delete(UUID userId, long timeMicros);
}
