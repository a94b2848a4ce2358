package io.foldlog.batch.reconcile;

import com.datastax.oss.driver.internal.core.metadata.token.Murmur3Token;
import com.datastax.oss.driver.internal.core.metadata.token.Murmur3TokenFactory;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A part of Cassandra's ring: the tokens above the first and not above the second.
 *
 * @param number from 0
 * @param afterToken excluded
 * @param upToToken included
 */
record RingSlice(int number, long afterToken, long upToToken) implements Serializable {

  /** One of so many equal slices, which together are the ring. */
  static RingSlice of(int number, int slices) {
    long width = Long.divideUnsigned(-1L, slices);
    long after = Long.MIN_VALUE + number * width;
    return new RingSlice(number, after, number == slices - 1 ? Long.MAX_VALUE : after + width);
  }

  /** Whether the user's row stands there. */
  boolean holds(UUID user) {
    long token = token(user);
    return token > afterToken && token <= upToToken;
  }

  /** Where Cassandra's partitioner puts the user's row. */
  static long token(UUID user) {
    ByteBuffer key =
        ByteBuffer.allocate(2 * Long.BYTES)
            .putLong(0, user.getMostSignificantBits())
            .putLong(Long.BYTES, user.getLeastSignificantBits());
    return ((Murmur3Token) new Murmur3TokenFactory().hash(key)).getValue();
  }
}
