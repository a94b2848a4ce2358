package io.foldlog.view;

import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import io.foldlog.contract.UserEvent;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A view whose writes are acknowledged when a test says so; they go nowhere. */
public final class HeldWrites {

  private final Queue<CompletableFuture<Object>> held = new ConcurrentLinkedQueue<>();
  private final UserView view =
      new UserView(new Statements(), ViewTable.in("held"), WriteLimits.DEFAULT);

  /** The view, whose writers are the product's. */
  public UserView view() {
    return view;
  }

  /** How many writes were given and neither acknowledged nor refused. */
  public int count() {
    return held.size();
  }

  /** Acknowledges the oldest of them. */
  public void acknowledge() {
    held.remove().complete(new Object());
  }

  /** Refuses the oldest of them as Cassandra does what no repetition cures. */
  public void refuse() {
    held.remove().completeExceptionally(new InvalidQueryException(null, "held and refused"));
  }

  private CompletionStage<?> hold() {
    CompletableFuture<Object> write = new CompletableFuture<>();
    held.add(write);
    return write;
  }

  private final class Statements implements ViewStatements {

    @Override
    public CompletionStage<?> insert(UserEvent event) {
      return hold();
    }

    @Override
    public CompletionStage<?> update(UUID userId, List<CellWrite> cells, long timeMicros) {
      return hold();
    }

    @Override
    public CompletionStage<?> delete(UUID userId, long timeMicros) {
      return hold();
    }
  }
}
