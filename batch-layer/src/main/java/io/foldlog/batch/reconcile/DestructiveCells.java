package io.foldlog.batch.reconcile;

import static org.apache.spark.sql.functions.col;

import io.foldlog.batch.fold.Decoding;
import io.foldlog.batch.lake.Lake;
import io.foldlog.contract.DecodeRules;
import io.foldlog.lake.UserColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The cells that destructive repairs would overwrite. They are stored in the lake as they are
 * found, so that Spark can join them with the archive.
 */
final class DestructiveCells {

  private static final int CHUNK = 50_000;
  private static final String USER = "cell_user";
  private static final String TIME = "cell_time";
  private static final StructType SCHEMA =
      new StructType().add(USER, DataTypes.StringType).add(TIME, DataTypes.LongType);

  private final Lake lake;
  private final String folder;
  private final List<Row> unstored = new ArrayList<>();
  private boolean isStored;

  DestructiveCells(Lake lake, String run) {
    this.lake = lake;
    this.folder = lake.work(run) + "/destructive-cells";
  }

  void add(UUID user, List<Discrepancy> discrepancies) {
    discrepancies.stream()
        .filter(Discrepancy::isAbove)
        .mapToLong(Discrepancy::observedMicros)
        .distinct()
        .forEach(micros -> unstored.add(RowFactory.create(user.toString(), micros)));
    if (unstored.size() >= CHUNK) {
      store();
    }
  }

  private void store() {
    lake.spark()
        .createDataFrame(unstored, SCHEMA)
        .coalesce(1)
        .write()
        .mode("append")
        .parquet(folder);
    unstored.clear();
    isStored = true;
  }

  /**
   * How many of the users have such cells only at times of their own archived records. A process
   * with another decode version wrote those cells. Reads the whole archive.
   */
  long usersAtRecordTimes(DecodeRules rules) {
    if (!unstored.isEmpty()) {
      store();
    }
    if (!isStored) {
      return 0;
    }
    Dataset<Row> cells = lake.spark().read().schema(SCHEMA).parquet(folder);
    Dataset<Row> times = Decoding.recordTimes(lake.events().read(), rules);
    Column user = col(USER);
    Column isOwn =
        col(UserColumns.USER_ID)
            .equalTo(user)
            .or(col(UserColumns.USER_ID).isNull().and(col(Decoding.RECORD_TEXT).contains(user)));
    Dataset<Row> own =
        times
            .join(cells, col(TIME).equalTo(col(Decoding.RECORD_TIME)).and(isOwn))
            .select(USER, TIME)
            .distinct();
    Dataset<Row> others = cells.join(own, new String[] {USER, TIME}, "left_anti");
    return cells.select(user).distinct().count() - others.select(user).distinct().count();
  }
}
