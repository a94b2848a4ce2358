package io.foldlog.producer;

import java.util.Arrays;

/**
 * The users of a synthetic run that updates and deletions may happen to: registered and not
 * deleted. At most so many are remembered; past that a new user takes the place of another, who is
 * then left alone.
 */
final class LiveUsers {

  private static final int FIRST_CAPACITY = 1024;

  private final int most;
  private long[] users = new long[0];
  private int count;

  LiveUsers(int most) {
    this.most = most;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /**
   * Remembers a user.
   *
   * @param draw any number; decides whose place is taken when there is no room
   */
  void add(long user, long draw) {
    if (count == most) {
      users[slot(draw)] = user;
      return;
    }
    if (count == users.length) {
      users = Arrays.copyOf(users, Math.min(most, Math.max(FIRST_CAPACITY, 2 * count)));
    }
    users[count++] = user;
  }

  /** The user that the number draws. */
  long drawn(long draw) {
    return users[slot(draw)];
  }

  /** Forgets the user that the number draws, and says who it was. */
  long remove(long draw) {
    int slot = slot(draw);
    long user = users[slot];
    users[slot] = users[--count];
    return user;
  }

  private int slot(long draw) {
    return (int) Long.remainderUnsigned(draw, count);
  }
}
