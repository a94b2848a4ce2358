package io.foldlog.batch.reconcile;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;

import io.foldlog.batch.lake.UsersTable;
import io.foldlog.contract.UserState;
import io.foldlog.lake.UserColumns;
import java.util.Iterator;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/** The users in scope whose row, as it was stored, is not the fold. */
final class Suspects implements AutoCloseable {

  private static final String USER = "user";
  private static final String FOLDED = "folded";
  private static final String OBSERVED = "observed";

  private final Dataset<Row> rows;
  private final long count;

  private Suspects(Dataset<Row> rows) {
    this.rows = rows.persist(StorageLevel.MEMORY_AND_DISK());
    this.count = this.rows.count();
  }

  /** Compares the stored scan with the fold. */
  static Suspects among(
      SparkSession spark, Dataset<Row> users, Dataset<Row> observed, Scope scope) {
    Broadcast<Scope> inScope =
        spark
            .sparkContext()
            .broadcast(scope, scala.reflect.ClassTag$.MODULE$.<Scope>apply(Scope.class));
    FilterFunction<Row> isScoped = row -> inScope.value().holds(UUID.fromString(row.getString(0)));
    Dataset<Row> scopedUsers = scope.isFull() ? users : users.filter(isScoped);
    Dataset<Row> expected =
        scopedUsers.select(
            col(UserColumns.USER_ID).as("folded_user"),
            struct(columns(UsersTable.SCHEMA.fieldNames())).as(FOLDED));
    Dataset<Row> found =
        observed.select(
            col("user_id").as("observed_user"),
            struct(columns(ObservedRows.SCHEMA.fieldNames())).as(OBSERVED));
    FilterFunction<Row> differs =
        row -> {
          Suspect suspect = suspect(row);
          return !UserComparison.isSame(suspect.folded(), suspect.row());
        };
    return new Suspects(
        expected
            .join(found, col("folded_user").equalTo(col("observed_user")), "full_outer")
            .select(
                coalesce(col("folded_user"), col("observed_user")).as(USER),
                col(FOLDED),
                col(OBSERVED))
            .filter(differs));
  }

  private static Column[] columns(String[] names) {
    Column[] columns = new Column[names.length];
    for (int index = 0; index < names.length; index++) {
      columns[index] = col(names[index]);
    }
    return columns;
  }

  private static Suspect suspect(Row row) {
    UserState folded = row.isNullAt(1) ? new UserState() : UsersTable.state(row.getStruct(1));
    return new Suspect(
        UUID.fromString(row.getString(0)),
        folded,
        row.isNullAt(2) ? Optional.empty() : Optional.of(ObservedRows.viewRow(row.getStruct(2))));
  }

  long count() {
    return count;
  }

  /** Each of them, in the same order every time. */
  Iterator<Suspect> iterator() {
    Iterator<Row> all = rows.toLocalIterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return all.hasNext();
      }

      @Override
      public Suspect next() {
        return suspect(all.next());
      }
    };
  }

  @Override
  public void close() {
    rows.unpersist();
  }
}
