package io.foldlog.batch.reconcile;

import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Which users a reconcile looks at: everybody, or some and a slice of the ring. */
final class Scope implements Serializable {

  private static final long serialVersionUID = 1;

  private final Set<UUID> users;
  private final RingSlice slice;

  private Scope(Set<UUID> users, RingSlice slice) {
    this.users = users;
    this.slice = slice;
  }

  /** Everybody, and every row. */
  static Scope full() {
    return new Scope(null, null);
  }

  /** Some users, and the rows of a slice of the ring. */
  static Scope of(Set<UUID> users, RingSlice slice) {
    return new Scope(Set.copyOf(users), Objects.requireNonNull(slice));
  }

  boolean isFull() {
    return users == null;
  }

  boolean holds(UUID user) {
    return isFull() || users.contains(user) || slice.holds(user);
  }

  /** The users by name; none of a full scope. */
  Set<UUID> users() {
    return isFull() ? Set.of() : users;
  }

  Optional<RingSlice> slice() {
    return Optional.ofNullable(slice);
  }

  String description() {
    return isFull() ? "full" : "changed";
  }
}
