package io.foldlog.batch.reconcile;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.current_timestamp;

import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.contract.UserState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The table {@code repairs}: every repair, stored before it was written, and what stands at a
 * higher time than its event's.
 */
final class KnownRepairs {

  private final Lake lake;
  private final String run;
  private final Map<UUID, Set<String>> above = new HashMap<>();

  private KnownRepairs(Lake lake, String run) {
    this.lake = lake;
    this.run = run;
  }

  /** Reads what is known so far. */
  static KnownRepairs load(Lake lake, String run) {
    KnownRepairs repairs = new KnownRepairs(lake, run);
    lake.repairs()
        .read()
        .where(col("above_event_time"))
        .select("user_id", "cell", "repair_time")
        .distinct()
        .collectAsList()
        .forEach(
            row ->
                repairs.add(UUID.fromString(row.getString(0)), row.getString(1), row.getLong(2)));
    return repairs;
  }

  private void add(UUID user, String cell, long micros) {
    above.computeIfAbsent(user, id -> new HashSet<>()).add(UserComparison.cellAt(cell, micros));
  }

  /** The users of whom a cell may stand at a higher time than its event's. */
  Set<UUID> raisedUsers() {
    return above.keySet();
  }

  /**
   * A user's cells that were written above their events' times, as {@link UserComparison#cellAt}.
   */
  Set<String> of(UUID user) {
    return above.getOrDefault(user, Set.of());
  }

  /** Whether a raised cell is not in the table yet. */
  boolean isNew(UUID user, Discrepancy discrepancy) {
    return !of(user)
        .contains(UserComparison.cellAt(discrepancy.cell(), discrepancy.observedMicros()));
  }

  /** Stores repairs that are about to be written, and raised cells, in one commit. */
  void store(Map<UUID, List<Discrepancy>> discrepancies, int round) {
    List<Row> rows = new ArrayList<>();
    discrepancies.forEach(
        (user, found) -> found.forEach(each -> rows.addAll(rows(user, each, round))));
    if (rows.isEmpty()) {
      return;
    }
    LakeTable table = lake.repairs();
    CommitMetadata metadata = CommitMetadata.undecoded(run, "", LakeOffsets.NONE, 0, List.of());
    table.create(metadata);
    StructType stored = new StructType();
    for (var field : table.schema().fields()) {
      stored = field.dataType().equals(DataTypes.TimestampType) ? stored : stored.add(field);
    }
    table
        .writer(
            lake.spark()
                .createDataFrame(rows, stored)
                .withColumn("recorded", current_timestamp())
                .coalesce(1),
            metadata)
        .mode("append")
        .save(table.path());
  }

  private List<Row> rows(UUID user, Discrepancy discrepancy, int round) {
    List<Row> rows = new ArrayList<>();
    if (discrepancy.finding() == Finding.NEWER_WRITETIME) {
      add(user, discrepancy.cell(), discrepancy.observedMicros());
      rows.add(row(user, discrepancy, round, "none", null, discrepancy.observedMicros(), true));
    }
    for (Repair repair : discrepancy.repairs()) {
      if (discrepancy.isAbove()) {
        add(user, discrepancy.cell(), repair.timeMicros());
      }
      rows.add(
          row(
              user,
              discrepancy,
              round,
              action(repair),
              value(repair),
              repair.timeMicros(),
              discrepancy.isAbove()));
    }
    return rows;
  }

  private Row row(
      UUID user,
      Discrepancy discrepancy,
      int round,
      String action,
      byte[] value,
      long micros,
      boolean aboveEventTime) {
    return RowFactory.create(
        run,
        user.toString(),
        round,
        discrepancy.finding().name(),
        discrepancy.cell(),
        discrepancy.observedMicros() == UserState.NEVER ? null : discrepancy.observedMicros(),
        action,
        value,
        micros,
        aboveEventTime);
  }

  static String action(Repair repair) {
    return repair instanceof Repair.Cell cell
        ? (cell.write().isTombstone() ? "tombstone" : "value")
        : "row deletion";
  }

  private static byte[] value(Repair repair) {
    return repair instanceof Repair.Cell cell && !cell.write().isTombstone()
        ? cell.write().value()
        : null;
  }
}
