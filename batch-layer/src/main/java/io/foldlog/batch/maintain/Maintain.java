package io.foldlog.batch.maintain;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.hash;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.struct;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.batch.fold.Decoding;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.batch.lake.UsersTable;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.PipelineException;
import io.foldlog.lake.EventColumns;
import io.foldlog.lake.UserColumns;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** Joins small files, removes old ones, and checks that the tables say what they should. */
public final class Maintain {

  /** Fewer files are not worth a rewriting. */
  private static final int MANY_FILES = 16;

  /** About as many users are folded anew and compared. */
  private static final long SAMPLE = 50_000;

  private final Lake lake;
  private final DecodeRules rules;
  private final Duration retention;
  private final InstantSource clock;
  private final FaultPoints faultPoints;

  /**
   * A maintain run.
   *
   * @param retention of files that only old versions of a table need
   * @param clock by which a table's age is measured
   */
  public Maintain(
      Lake lake,
      DecodeRules rules,
      Duration retention,
      InstantSource clock,
      FaultPoints faultPoints) {
    this.lake = Objects.requireNonNull(lake);
    this.rules = Objects.requireNonNull(rules);
    this.retention = Objects.requireNonNull(retention);
    this.clock = Objects.requireNonNull(clock);
    this.faultPoints = Objects.requireNonNull(faultPoints);
  }

  /**
   * Maintains and checks.
   *
   * @throws PipelineException state mismatch, when a table does not say what it should
   */
  public MaintainFigures run() {
    int compacted = 0;
    int vacuumed = 0;
    for (LakeTable table : lake.tables()) {
      if (table.exists()) {
        compacted += compact(table) ? 1 : 0;
        faultPoints.reach("maintain.compacted");
        vacuumed += vacuum(table) ? 1 : 0;
      }
    }
    CommitMetadata archived = lake.events().metadata();
    long records = requireCompleteArchive();
    Compared compared =
        lake.users().exists()
            ? requireSoundFold(lake.users().metadata().offsets())
            : new Compared(0, 0);
    return new MaintainFigures(
        compacted,
        vacuumed,
        records,
        archived.gaps().size(),
        compared.users(),
        compared.inSample());
  }

  private static boolean compact(LakeTable table) {
    if (table.files() < MANY_FILES) {
      return false;
    }
    table.withMetadata(table.metadata(), () -> table.delta().optimize().executeCompaction());
    return true;
  }

  private boolean vacuum(LakeTable table) {
    if (isYoung(table)) {
      return false;
    }
    table.withMetadata(table.metadata(), () -> table.delta().vacuum(retention.toMinutes() / 60.0));
    return true;
  }

  /** Whether nothing of the table can be older than the retention. */
  private boolean isYoung(LakeTable table) {
    return table
        .created()
        .filter(created -> created.isAfter(clock.instant().minus(retention)))
        .isPresent();
  }

  /** Each record once, and as many as were archived. */
  private long requireCompleteArchive() {
    List<Row> partitions =
        lake.events()
            .read()
            .groupBy(EventColumns.TOPIC_ID, EventColumns.PARTITION)
            .agg(count(lit(1)), countDistinct(EventColumns.OFFSET))
            .collectAsList();
    long records = 0;
    for (Row partition : partitions) {
      if (partition.getLong(2) != partition.getLong(3)) {
        throw BatchLayerErrors.archiveHoldsRecordsTwice(
            lake.events().path(),
            partition.getInt(1),
            partition.getString(0),
            partition.getLong(2),
            partition.getLong(3));
      }
      records += partition.getLong(2);
    }
    Optional<Long> recorded = lake.events().recordedRows();
    if (recorded.isPresent() && recorded.get() != records) {
      throw BatchLayerErrors.archiveIsIncomplete(lake.events().path(), records, recorded.get());
    }
    return records;
  }

  /** How many users were folded, and how many of them were compared. */
  private record Compared(long users, long inSample) {}

  private Compared requireSoundFold(LakeOffsets folded) {
    Dataset<Row> events =
        lake.events().read().where(LakeOffsets.NONE.recordsUntilCondition(folded));
    Dataset<Row> anew =
        Decoding.mergeStates(Decoding.states(events, rules, new Decoding.Counts(lake.spark())))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long distinct = anew.count();
      Dataset<Row> users = lake.users().read();
      long known = users.count();
      if (distinct != known) {
        throw BatchLayerErrors.foldHasOtherUsers(lake.users().path(), known, distinct);
      }
      Column inSample =
          pmod(hash(col(UserColumns.USER_ID)), lit(Math.max(1, known / SAMPLE))).equalTo(0);
      FilterFunction<Row> differs =
          row ->
              row.isNullAt(0)
                  || row.isNullAt(1)
                  || !UsersTable.state(row.getStruct(0)).equals(UsersTable.state(row.getStruct(1)));
      Dataset<Row> sample = users.where(inSample);
      long differing =
          whole(sample, "known_user", "known")
              .join(
                  whole(anew.where(inSample), "anew_user", "anew"),
                  col("known_user").equalTo(col("anew_user")),
                  "full_outer")
              .select("known", "anew")
              .filter(differs)
              .count();
      if (differing > 0) {
        throw BatchLayerErrors.usersDifferFromTheirEvents(lake.users().path(), differing);
      }
      return new Compared(known, known <= SAMPLE ? known : sample.count());
    } finally {
      anew.unpersist();
    }
  }

  private static Dataset<Row> whole(Dataset<Row> rows, String key, String name) {
    Column[] columns = new Column[UsersTable.SCHEMA.size()];
    for (int index = 0; index < columns.length; index++) {
      columns[index] = col(UsersTable.SCHEMA.fieldNames()[index]);
    }
    return rows.select(col(UserColumns.USER_ID).as(key), struct(columns).as(name));
  }
}
