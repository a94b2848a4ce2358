package io.foldlog.view;

import io.foldlog.contract.UserEvent;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * The statements that write the view, each sent once and without waiting. A stage completes when
 * the database has acknowledged the write, or has failed to. Safe for use by many threads.
 */
interface ViewStatements {

  /** Writes what the event sets and clears, at the event's time. */
  CompletionStage<?> insert(UserEvent event);

  /** Writes cells of a user at that time, µs; those of another time are passed over. */
  CompletionStage<?> update(UUID userId, List<CellWrite> cells, long timeMicros);

  /** Deletes all cells of a user at or before that time, µs. */
  CompletionStage<?> delete(UUID userId, long timeMicros);
}
