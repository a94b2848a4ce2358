package io.foldlog.batch.reconcile;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.batch.errors.BatchLayerErrors;
import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.batch.fold.Decoding;
import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserEvent;
import io.foldlog.log.EndOffsets;
import io.foldlog.log.EventTopic;
import io.foldlog.log.HeldBackRecords;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.DecodeVersions.OlderVersion;
import io.foldlog.view.DecodeVersions.Written;
import io.foldlog.view.RepairedUsers;
import io.foldlog.view.UserView;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.WriteLimits;
import io.foldlog.view.WriteListener;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the view with the fold of the log and repairs what the log does not explain. It may run
 * beside the speed layer; cut off anywhere and run again, it ends in the same view.
 */
public final class Reconcile {

  private static final Logger LOG = LoggerFactory.getLogger(Reconcile.class);

  private static final long LEAST_LIMIT = 100;
  private static final int CHUNK = 20_000;

  /** More users than this are not read one by one. */
  private static final int READ_ONE_BY_ONE = 50_000;

  /**
   * The view, and how it is reached.
   *
   * @param session of the writer's role
   * @param connector the connector's settings, with the login
   * @param keyspace of the view
   * @param maxWritesInFlight the bound of unacknowledged repairs
   */
  public record View(
      CqlSession session, SparkConf connector, String keyspace, int maxWritesInFlight) {

    public View {
      Objects.requireNonNull(session);
      Objects.requireNonNull(connector);
      Objects.requireNonNull(keyspace);
    }
  }

  private final Lake lake;
  private final EventTopic log;
  private final View view;
  private final DecodeRules rules;
  private final int tokenRanges;
  private final String run;
  private final InstantSource clock;
  private final FaultPoints faultPoints;

  /**
   * A reconcile run.
   *
   * @param clock by which cells are in the future, and rows that nothing explains are deleted
   */
  public Reconcile(
      Lake lake,
      EventTopic log,
      View view,
      DecodeRules rules,
      int tokenRanges,
      String run,
      InstantSource clock,
      FaultPoints faultPoints) {
    this.lake = Objects.requireNonNull(lake);
    this.log = Objects.requireNonNull(log);
    this.view = Objects.requireNonNull(view);
    this.rules = Objects.requireNonNull(rules);
    this.tokenRanges = tokenRanges;
    this.run = Objects.requireNonNull(run);
    this.clock = Objects.requireNonNull(clock);
    this.faultPoints = Objects.requireNonNull(faultPoints);
  }

  /** What was pinned at the start. */
  private record Pinned(long version, CommitMetadata folded) {}

  /**
   * Reconciles.
   *
   * @throws PipelineException state mismatch, when there is no fold of this decode version, or when
   *     the log is not the one that was folded; repair limit exceeded, when a second round would
   *     pass it
   */
  public ReconcileFigures run(ReconcileOptions options) throws InterruptedException {
    Pinned pinned = pin();
    PastEvents pastEvents = new PastEvents(log, pinned.folded(), rules);
    pastEvents.end();
    KnownRepairs known = KnownRepairs.load(lake, run);
    UserViewReader reader = UserViewReader.over(view.session(), view.keyspace());
    // nothing that an earlier run has read is used: it may be older than its log
    lake.removeWork();
    DecodeVersions versions = new DecodeVersions(view.session(), view.keyspace());
    Optional<Integer> newerVersion = newerVersion(versions, options);
    PastRuns pastRuns = PastRuns.load(lake);
    Scope scope = scope(options, pinned, known, pastRuns, versions);
    long scannedAt = RepairRounds.micros(clock.instant());
    String stored = lake.work(run) + "/scan";
    Dataset<Row> observed = scan(scope, reader, stored);
    faultPoints.reach("reconcile.scanned");
    EndOffsets end = pastEvents.end();
    HeldBackRecords.Summary heldBack = log.heldBack(end, clock.instant()).warned(clock.instant());
    List<GapWindow> gaps = GapWindows.of(lake.events(), pinned.folded().gaps());
    UserComparison comparison = new UserComparison(scannedAt, options.future(), gaps);
    Dataset<Row> users = lake.users().read(pinned.version());
    long userCount = users.count();
    long limit = options.destructiveLimit().orElse(Math.max(LEAST_LIMIT, userCount / 100));
    try (Suspects suspects = Suspects.among(lake.spark(), users, observed, scope)) {
      LOG.info(
          "event=reconcile_scanned scope={} suspects={}", scope.description(), suspects.count());
      Map<UUID, List<UserEvent>> past = pastEvents.of(users(suspects), end.offsets());
      Tally tally = new Tally();
      boolean versionChanged = !pastRuns.lastDecodeVersion().equals(Optional.of(rules.version()));
      DestructiveCells destructive = new DestructiveCells(lake, run);
      each(
          suspects,
          past,
          comparison,
          known,
          drift -> {
            tally.found(drift.user(), drift.discrepancies());
            if (versionChanged) {
              destructive.add(drift.user(), drift.discrepancies());
            }
          });
      Optional<Long> destructiveAtRecordTimes =
          versionChanged ? Optional.of(destructive.usersAtRecordTimes(rules)) : Optional.empty();
      ReconcileOutcome outcome;
      if (options.isDryRun()) {
        outcome = tally.drifted() == 0 ? ReconcileOutcome.CLEAN : ReconcileOutcome.DRIFT_FOUND;
      } else if (newerVersion.isPresent()) {
        outcome = tally.drifted() == 0 ? ReconcileOutcome.CLEAN : ReconcileOutcome.UNRESOLVED_DRIFT;
      } else if (tally.destructive() > limit) {
        outcome = ReconcileOutcome.REPAIR_LIMIT_EXCEEDED;
      } else {
        Runnable beforeWriting = () -> versions.admit(rules.version(), options.olderVersion());
        repair(suspects, past, comparison, known, reader, pastEvents, tally, beforeWriting, limit);
        outcome = outcome(tally);
      }
      return new ReconcileFigures(
          scope.description(),
          scope.slice().map(RingSlice::number),
          pinned.version(),
          pinned.folded(),
          end.offsets().toString(),
          heldBack,
          userCount,
          observed.count(),
          suspects.count(),
          tally.drifted(),
          tally.findings(),
          tally.repaired(),
          tally.secondRound(),
          tally.unresolved(),
          tally.blocked(),
          tally.leftToGap(),
          tally.future(),
          tally.destructive(),
          destructiveAtRecordTimes,
          limit,
          options.isDryRun(),
          newerVersion,
          outcome,
          tally.details(),
          tally.unresolvedCells());
    } finally {
      // nothing that an earlier run has read is used: it may be older than its log
      lake.removeWork();
    }
  }

  private static ReconcileOutcome outcome(Tally tally) {
    if (tally.blocked() + tally.future() > 0) {
      return ReconcileOutcome.UNRESOLVED_DRIFT;
    }
    if (tally.drifted() == 0) {
      return ReconcileOutcome.CLEAN;
    }
    return tally.repaired() == 0 && tally.leftToGap() > 0
        ? ReconcileOutcome.EXCLUDED_BY_GAP
        : ReconcileOutcome.REPAIRED;
  }

  private Pinned pin() {
    LakeTable users = lake.users();
    if (!users.exists()) {
      throw BatchLayerErrors.foldIsMissing(users.path());
    }
    long version = users.latestVersion().orElseThrow();
    CommitMetadata folded = users.metadata();
    if (folded.decodeVersion() != rules.version()) {
      throw BatchLayerErrors.foldOfAnotherDecodeVersion(
          users.path(), folded.decodeVersion(), rules.version());
    }
    if (folded.createTime() != rules.createTime()) {
      throw BatchLayerErrors.foldWithAnotherTrustInCreateTime(users.path());
    }
    return new Pinned(version, folded);
  }

  /** The higher decode version because of which this run only reports. */
  private Optional<Integer> newerVersion(DecodeVersions versions, ReconcileOptions options) {
    Optional<Integer> newer =
        options.olderVersion() == OlderVersion.ACCEPT
            ? Optional.empty()
            : versions.newerThan(rules.version());
    newer.ifPresent(
        written ->
            LOG.warn(
                "event=reconcile_only_reports decode_version={} written={} action=\"run the release of the batch layer with decode version {}\"",
                rules.version(),
                written,
                written));
    return newer;
  }

  private Scope scope(
      ReconcileOptions options,
      Pinned pinned,
      KnownRepairs known,
      PastRuns pastRuns,
      DecodeVersions versions) {
    Optional<LakeOffsets> last = pastRuns.lastFolded(rules, pinned.folded());
    if (options.scope() == ReconcileOptions.Scoping.FULL || last.isEmpty()) {
      return Scope.full();
    }
    Optional<Written> olderWriter =
        OlderWriters.since(
            versions.written(), rules.version(), pastRuns.lastFullStart(rules.version()));
    if (olderWriter.isPresent()) {
      LOG.info(
          "event=reconcile_scope_widened scope=full reason=\"decode version {} wrote to the view, last at {}\"",
          olderWriter.get().version(),
          olderWriter.get().lastWrite());
      return Scope.full();
    }
    Set<UUID> users = new HashSet<>(known.raisedUsers());
    LakeOffsets since = last.get();
    if (since.offsetsUntil(pinned.folded().offsets()) > 0) {
      users.addAll(
          Decoding.users(
              lake.events().read().where(since.recordsUntilCondition(pinned.folded().offsets())),
              rules));
    }
    if (users.size() > READ_ONE_BY_ONE) {
      LOG.info(
          "event=reconcile_scope_widened scope=full reason=\"{} users changed\"", users.size());
      return Scope.full();
    }
    return Scope.of(users, RingSlice.of(pastRuns.longestUnaudited(tokenRanges), tokenRanges));
  }

  /** Reads the view once, and stores what it showed. */
  private Dataset<Row> scan(Scope scope, UserViewReader reader, String stored) {
    Dataset<Row> rows;
    if (scope.isFull()) {
      rows = ConnectorScan.rows(lake.spark(), view.connector(), view.keyspace());
    } else {
      List<Row> read = new ArrayList<>();
      RingSlice slice = scope.slice().orElseThrow();
      Set<UUID> elsewhere = new HashSet<>(scope.users());
      elsewhere.removeIf(slice::holds);
      reader.readAll(elsewhere).values().forEach(row -> read.add(ObservedRows.of(row)));
      reader.scan(slice.afterToken(), slice.upToToken(), row -> read.add(ObservedRows.of(row)));
      rows = lake.spark().createDataFrame(read, ObservedRows.SCHEMA);
    }
    rows.write().mode("overwrite").parquet(stored);
    return lake.spark().read().schema(ObservedRows.SCHEMA).parquet(stored);
  }

  private static Set<UUID> users(Suspects suspects) {
    Set<UUID> users = new HashSet<>();
    suspects.iterator().forEachRemaining(suspect -> users.add(suspect.user()));
    return users;
  }

  private interface Receiver {
    void take(RepairRounds.Drift drift) throws InterruptedException;
  }

  private static void each(
      Suspects suspects,
      Map<UUID, List<UserEvent>> past,
      UserComparison comparison,
      KnownRepairs known,
      Receiver receiver)
      throws InterruptedException {
    Iterator<Suspect> all = suspects.iterator();
    while (all.hasNext()) {
      Suspect suspect = all.next();
      LogState state = new LogState(suspect.folded(), past.getOrDefault(suspect.user(), List.of()));
      receiver.take(
          new RepairRounds.Drift(
              suspect, state, comparison.compare(state, suspect.row(), known.of(suspect.user()))));
    }
  }

  private void repair(
      Suspects suspects,
      Map<UUID, List<UserEvent>> past,
      UserComparison comparison,
      KnownRepairs known,
      UserViewReader reader,
      PastEvents pastEvents,
      Tally tally,
      Runnable beforeWriting,
      long limit)
      throws InterruptedException {
    UserView target =
        UserView.over(
            view.session(),
            view.keyspace(),
            new WriteLimits(view.maxWritesInFlight(), Duration.ofMinutes(1)));
    RepairRounds rounds =
        new RepairRounds(
            known,
            new RepairedUsers(view.session(), view.keyspace()),
            target.writer(WriteListener.NONE),
            reader,
            pastEvents,
            tally,
            run,
            clock,
            faultPoints,
            beforeWriting,
            limit);
    List<RepairRounds.Drift> chunk = new ArrayList<>();
    each(
        suspects,
        past,
        comparison,
        known,
        drift -> {
          if (!drift.discrepancies().isEmpty()) {
            chunk.add(drift);
          }
          if (chunk.size() == CHUNK) {
            rounds.repair(chunk, comparison);
            LOG.info("event=reconcile_progress repaired={}", tally.repaired());
            chunk.clear();
          }
        });
    rounds.repair(chunk, comparison);
  }
}
