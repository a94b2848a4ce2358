package io.foldlog.batch.lake;

import io.foldlog.contract.CellType;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.lake.LakeSchema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Converts rows of the table {@code users} to {@link UserState} and back, without loss. */
public final class UsersTable {

  private static final int FIRST_CELL = 3;

  public static final StructType SCHEMA = SparkSchema.of(LakeSchema.USERS);

  private UsersTable() {}

  public static Row row(String userId, UserState state) {
    Object[] columns = new Object[FIRST_CELL + 2 * UserField.count()];
    columns[0] = userId;
    columns[1] = nullable(state.deletedAt());
    columns[2] = nullable(state.writtenAt());
    for (UserField field : UserField.all()) {
      int index = FIRST_CELL + 2 * field.ordinal();
      columns[index] = state.hasValue(field) ? read(field.type(), state.value(field)) : null;
      columns[index + 1] = nullable(state.time(field));
    }
    return RowFactory.create(columns);
  }

  public static UUID userId(Row row) {
    return UUID.fromString(row.getString(0));
  }

  public static UserState state(Row row) {
    UserState state = new UserState();
    if (!row.isNullAt(1)) {
      state.delete(row.getLong(1));
    }
    if (!row.isNullAt(2)) {
      state.written(row.getLong(2));
    }
    for (UserField field : UserField.all()) {
      int index = FIRST_CELL + 2 * field.ordinal();
      if (row.isNullAt(index + 1)) {
        continue;
      }
      long time = row.getLong(index + 1);
      if (row.isNullAt(index)) {
        state.clear(field, time);
      } else {
        state.set(field, bytes(field.type(), row.get(index)), time);
      }
    }
    return state;
  }

  private static Object nullable(long time) {
    return time == UserState.NEVER ? null : time;
  }

  /** Converts a CQL-serialized cell to a Spark value. */
  static Object read(CellType type, byte[] bytes) {
    return switch (type) {
      case TEXT -> new String(bytes, StandardCharsets.UTF_8);
      case TIMESTAMP -> Instant.ofEpochMilli(ByteBuffer.wrap(bytes).getLong());
      case DOUBLE -> ByteBuffer.wrap(bytes).getDouble();
      case BIGINT -> ByteBuffer.wrap(bytes).getLong();
    };
  }

  private static byte[] bytes(CellType type, Object value) {
    return switch (type) {
      case TEXT -> ((String) value).getBytes(StandardCharsets.UTF_8);
      case TIMESTAMP -> bytes(((Instant) value).toEpochMilli());
      case DOUBLE -> bytes(Double.doubleToRawLongBits((Double) value));
      case BIGINT -> bytes((Long) value);
    };
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }
}
