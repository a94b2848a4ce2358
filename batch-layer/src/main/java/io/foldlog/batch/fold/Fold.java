package io.foldlog.batch.fold;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.batch.lake.UsersTable;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.PipelineException;
import io.foldlog.lake.EventColumns;
import io.foldlog.lake.UserColumns;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds archived events into {@code users}, and keeps {@code rejected_events} and {@code
 * registrations_by_day}. The commit to {@code users} comes last and says how far it has folded, so
 * a run that was cut off is simply done again: all before it is done over, to the same end.
 */
public final class Fold {

  private static final Logger LOG = LoggerFactory.getLogger(Fold.class);

  /** Spark's reader of Parquet that keeps up to 4,096 rows in memory. */
  private static final String VECTORIZED_READER = "spark.sql.parquet.enableVectorizedReader";

  private static final String DOING = "archived records were folded";

  /** What to fold. */
  public enum Mode {
    /** What was archived since the last fold. */
    NEW_EVENTS,
    /** Everything that was archived, in place of what was folded. */
    FULL
  }

  private final Lake lake;
  private final DecodeRules rules;
  private final String run;
  private final FaultPoints faultPoints;

  /** A fold run. */
  public Fold(Lake lake, DecodeRules rules, String run, FaultPoints faultPoints) {
    this.lake = Objects.requireNonNull(lake);
    this.rules = Objects.requireNonNull(rules);
    this.run = Objects.requireNonNull(run);
    this.faultPoints = Objects.requireNonNull(faultPoints);
  }

  /**
   * Folds. What another decode version has folded, or the same under another setting of {@code
   * kafka.trust-create-time}, is folded anew.
   *
   * @throws PipelineException state mismatch, when nothing was ever archived, or when the fold is
   *     further than the archive
   */
  public FoldFigures run(Mode asked) {
    try {
      return fold(asked);
    } catch (Exception | OutOfMemoryError failure) { // Spark throws undeclared checked exceptions
      if (BatchLayerErrors.heapIsTooSmall(failure, DOING).isEmpty()) {
        throw failure;
      }
      LOG.warn(
          "event=heap_exceeded reason=\"{}\" action=\"folds again, with one archived record at a time in memory\"",
          failure.toString());
    }
    lake.spark().conf().set(VECTORIZED_READER, false);
    try {
      return fold(asked);
    } catch (Exception | OutOfMemoryError failure) { // as above
      Optional<PipelineException> heap = BatchLayerErrors.heapIsTooSmall(failure, DOING);
      if (heap.isPresent()) {
        throw heap.get();
      }
      throw failure;
    } finally {
      lake.spark().conf().unset(VECTORIZED_READER);
    }
  }

  private FoldFigures fold(Mode asked) {
    LakeTable events = lake.events();
    LakeTable users = lake.users();
    if (!events.exists()) {
      throw BatchLayerErrors.archiveIsMissing(events.path());
    }
    CommitMetadata archived = events.metadata();
    CommitMetadata folded = users.metadata();
    Mode mode = mode(asked, users, folded, archived);
    if (mode == Mode.NEW_EVENTS && !folded.offsets().isWithin(archived.offsets())) {
      throw BatchLayerErrors.foldIsAheadOfArchive(
          users.path(), folded.offsets().toString(), archived.offsets().toString());
    }
    CommitMetadata after = archived.folded(run, rules);
    lake.rejectedEvents().create(after);
    lake.registrationsByDay().create(after);
    if (mode == Mode.NEW_EVENTS && users.exists() && saysTheSame(folded, after)) {
      return figures(mode, new Decoding.Counts(lake.spark()), 0, 0, after, users);
    }
    return fold(mode, events, folded, after);
  }

  /** Not only of offsets: a gap, or another log, may have been accepted without a record. */
  private static boolean saysTheSame(CommitMetadata folded, CommitMetadata after) {
    return folded.logId().equals(after.logId())
        && folded.offsets().equals(after.offsets())
        && folded.gaps().equals(after.gaps())
        && folded.positions().equals(after.positions());
  }

  private Mode mode(Mode asked, LakeTable users, CommitMetadata folded, CommitMetadata archived) {
    if (asked == Mode.NEW_EVENTS && users.exists() && folded.decodeVersion() != rules.version()) {
      LOG.info(
          "event=full_fold reason=\"users was folded with decode version {}, and this is {}\"",
          folded.decodeVersion(),
          rules.version());
      return Mode.FULL;
    }
    if (asked == Mode.NEW_EVENTS && users.exists() && folded.createTime() != rules.createTime()) {
      LOG.info(
          "event=full_fold reason=\"kafka.trust-create-time was another when users was folded\"");
      return Mode.FULL;
    }
    if (asked == Mode.NEW_EVENTS && users.exists() && !folded.hasSameRecordsAs(archived)) {
      LOG.info(
          "event=full_fold reason=\"archive has compared its records with the committed records of the log since users was folded\"");
      return Mode.FULL;
    }
    return users.exists() ? asked : Mode.FULL;
  }

  private FoldFigures fold(
      Mode mode, LakeTable events, CommitMetadata folded, CommitMetadata after) {
    Dataset<Row> archive = events.read(events.latestVersion().orElseThrow());
    Dataset<Row> fresh =
        mode == Mode.FULL
            ? archive
            : archive.where(folded.offsets().recordsUntilCondition(after.offsets()));
    Decoding.Counts counts = new Decoding.Counts(lake.spark());
    Dataset<Row> states = Decoding.mergeStates(Decoding.states(fresh, rules, counts));
    Dataset<Row> changed =
        (mode == Mode.FULL ? states : merged(states)).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long touched = changed.count();
      faultPoints.reach("fold.folded");
      writeRejections(mode, fresh, counts, after);
      faultPoints.reach("fold.rejections-written");
      int days = writeRegistrations(mode, archive, counts, after);
      faultPoints.reach("fold.registrations-written");
      writeUsers(mode, changed, after);
      faultPoints.reach("fold.users-written");
      return figures(mode, counts, touched, days, after, lake.users());
    } finally {
      changed.unpersist();
    }
  }

  /** The states with what the table already holds of the same users. */
  private Dataset<Row> merged(Dataset<Row> states) {
    Dataset<Row> fresh = states.persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> known =
        lake.users()
            .read()
            .join(broadcast(fresh.select(UserColumns.USER_ID)), UserColumns.USER_ID)
            .selectExpr(UsersTable.SCHEMA.fieldNames());
    return Decoding.mergeStates(fresh.union(known));
  }

  private void writeRejections(
      Mode mode, Dataset<Row> fresh, Decoding.Counts counts, CommitMetadata after) {
    LakeTable table = lake.rejectedEvents();
    if (mode == Mode.FULL) {
      if (counts.rejected() > 0) {
        table.replace(Decoding.rejections(fresh, rules).coalesce(1), after);
      } else if (table.files() > 0) {
        table.replace(lake.spark().createDataFrame(List.of(), Lake.REJECTED), after);
      }
    } else if (counts.rejected() > 0) {
      table.withMetadata(
          after,
          () -> {
            table
                .delta()
                .as("known")
                .merge(
                    Decoding.rejections(fresh, rules).as("fresh"),
                    "known.topic_id = fresh.topic_id AND known.partition = fresh.partition AND known.offset = fresh.offset")
                .whenNotMatched()
                .insertAll()
                .execute();
            return null;
          });
    }
  }

  /** Counts the days anew that have new registrations; how many. */
  private int writeRegistrations(
      Mode mode, Dataset<Row> archive, Decoding.Counts counts, CommitMetadata after) {
    LakeTable table = lake.registrationsByDay();
    Set<LocalDate> days = counts.registrationDays();
    if (mode == Mode.FULL) {
      Dataset<Row> all = Decoding.registrations(archive, rules, Optional.empty());
      table.replace(all.coalesce(1), after);
    } else if (!days.isEmpty()) {
      LocalDate first = days.stream().min(Comparator.naturalOrder()).orElseThrow();
      // An event is at most 5 minutes past the timestamp of its record.
      Dataset<Row> since = archive.where(col(EventColumns.DAY).geq(first.minusDays(1)));
      Dataset<Row> counted = Decoding.registrations(since, rules, Optional.of(days));
      table
          .writer(counted.coalesce(1), after)
          .mode("overwrite")
          .option("replaceWhere", "day IN (%s)".formatted(dates(days)))
          .save(table.path());
    }
    return days.size();
  }

  private static String dates(Set<LocalDate> days) {
    return days.stream().map(day -> "DATE'" + day + "'").collect(Collectors.joining(", "));
  }

  private void writeUsers(Mode mode, Dataset<Row> changed, CommitMetadata after) {
    LakeTable users = lake.users();
    if (mode == Mode.FULL) {
      users.create(CommitMetadata.NONE);
      users.replace(changed, after);
      return;
    }
    Column same = col("known.user_id").equalTo(col("changed.user_id"));
    users.withMetadata(
        after,
        () -> {
          users
              .delta()
              .as("known")
              .merge(changed.as("changed"), same)
              .whenMatched()
              .updateAll()
              .whenNotMatched()
              .insertAll()
              .execute();
          return null;
        });
  }

  private FoldFigures figures(
      Mode mode,
      Decoding.Counts counts,
      long touched,
      int days,
      CommitMetadata after,
      LakeTable users) {
    return new FoldFigures(
        mode,
        counts.events(),
        counts.rejected(),
        counts.unknownMembers(),
        touched,
        days,
        after.offsets().toString(),
        users.latestVersion().orElseThrow());
  }
}
