package io.foldlog.view;

import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import io.foldlog.contract.UserEvent;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A view without a database. A test acknowledges or refuses its writes. */
public final class HeldWrites {

  private final Queue<CompletableFuture<Object>> held = new ConcurrentLinkedQueue<>();
  private final UserView view =
      new UserView(new Statements(), ViewTable.in("held"), WriteLimits.DEFAULT);

  /** The view. Its writers are those of the product. */
  public UserView view() {
    return view;
  }

  /** The number of writes that are neither acknowledged nor refused. */
  public int count() {
    return held.size();
  }

  /** Acknowledges the oldest held write. */
  public void acknowledge() {
    held.remove().complete(new Object());
  }

  /** Refuses the oldest held write with an error that is not retryable. */
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
