package io.foldlog.batch.reconcile;

import io.foldlog.contract.UserState;
import io.foldlog.view.ViewRow;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** A user whose row is not the fold. */
final class Suspect {

  private final UUID user;
  private final UserState folded;
  private final Optional<ViewRow> row;

  Suspect(UUID user, UserState folded, Optional<ViewRow> row) {
    this.user = Objects.requireNonNull(user);
    this.folded = Objects.requireNonNull(folded);
    this.row = Objects.requireNonNull(row);
  }

  UUID user() {
    return user;
  }

  UserState folded() {
    return folded;
  }

  Optional<ViewRow> row() {
    return row;
  }
}
