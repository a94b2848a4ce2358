package io.foldlog.producer;

import java.util.Arrays;

/**
 * The users of a synthetic run that are registered and not deleted. Updates and deletions select
 * from them. Keeps a limited number of users. Above the limit a new user replaces another one,
 * which then gets no further events.
 */
final class LiveUsers {

  private static final int INITIAL_CAPACITY = 1024;

  private final int maxUsers;
  private long[] users = new long[0];
  private int count;

  LiveUsers(int maxUsers) {
    this.maxUsers = maxUsers;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /**
   * Adds a user.
   *
   * @param draw a random number that selects the user to replace if the limit is reached
   */
  void add(long user, long draw) {
    if (count == maxUsers) {
      users[slot(draw)] = user;
      return;
    }
    if (count == users.length) {
      users = Arrays.copyOf(users, Math.min(maxUsers, Math.max(INITIAL_CAPACITY, 2 * count)));
    }
    users[count++] = user;
  }

  /** Selects a user by a random number. */
  long drawn(long draw) {
    return users[slot(draw)];
  }

  /** Selects a user by a random number, removes and returns it. */
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
