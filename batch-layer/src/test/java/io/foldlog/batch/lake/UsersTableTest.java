package io.foldlog.batch.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.spark.sql.Row;

class UsersTableTest {

  private static final long YEAR_ONE = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
  private static final long LAST = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

  @Property(tries = 500)
  void shouldConvertStateToRowAndBackWithoutLoss(@ForAll long seed) {
    UserState state = random(new Random(seed));
    UUID user = UUID.nameUUIDFromBytes(ByteBuffer.allocate(8).putLong(0, seed).array());
    Row row = UsersTable.row(user.toString(), state);
    assertThat(UsersTable.userId(row)).isEqualTo(user);
    assertThat(UsersTable.state(row)).isEqualTo(state);
  }

  /** Creates a state with extreme values, cleared cells and absent cells. */
  static UserState random(Random random) {
    UserState state = new UserState();
    if (random.nextBoolean()) {
      state.delete(random.nextLong(1L << 50));
    }
    if (random.nextBoolean()) {
      state.written(random.nextLong(1L << 51));
    }
    for (UserField field : UserField.all()) {
      long time = random.nextLong(1L << 51);
      switch (random.nextInt(3)) {
        case 0 -> state.clear(field, time);
        case 1 -> state.set(field, value(field, random), time);
        default -> {
          // absent
        }
      }
    }
    return state;
  }

  private static byte[] value(UserField field, Random random) {
    return switch (field.type()) {
      case TEXT -> text(random).getBytes(StandardCharsets.UTF_8);
      case TIMESTAMP ->
          bytes(
              random.nextInt(4) == 0
                  ? (random.nextBoolean() ? YEAR_ONE : LAST)
                  : random.nextLong(YEAR_ONE, LAST));
      case DOUBLE ->
          bytes(
              Double.doubleToRawLongBits(
                  random.nextInt(4) == 0 ? Double.MIN_VALUE : random.nextDouble(-180, 180)));
      case BIGINT -> bytes(random.nextLong());
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = 1 + random.nextInt(20);
    while (text.length() < length) {
      int point = 1 + random.nextInt(0x10FFFF);
      if (point < 0xD800 || point > 0xDFFF) {
        text.appendCodePoint(point);
      }
    }
    return text.toString();
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(0, value).array();
  }
}
