package io.foldlog.batch;

import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.batch.lake.LakeTable;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.RowFactory;

/**
 * A run's row in {@code reconcile_runs}.
 *
 * @param run its name
 * @param command what it was started as
 * @param started when
 * @param ended when
 * @param status its exit status
 * @param reconciled whether it was, or held, a reconcile
 * @param scope of the reconcile, or empty text
 * @param slice of the ring that the reconcile audited, or {@link #NO_SLICE}
 * @param slices how many slices the ring had
 * @param usersVersion of {@code users} that the reconcile compared with
 * @param folded what that version says of itself
 * @param report what it did, as JSON
 * @param kept whether the run leaves a row
 */
public record RunRecord(
    String run,
    String command,
    Instant started,
    Instant ended,
    int status,
    boolean reconciled,
    String scope,
    int slice,
    int slices,
    long usersVersion,
    CommitMetadata folded,
    String report,
    boolean kept) {

  /** Of a reconcile that audited the whole ring, and of every other run. */
  public static final int NO_SLICE = -1;

  public RunRecord {
    Objects.requireNonNull(run);
    Objects.requireNonNull(command);
    Objects.requireNonNull(started);
    Objects.requireNonNull(ended);
    Objects.requireNonNull(scope);
    Objects.requireNonNull(folded);
    Objects.requireNonNull(report);
  }

  static RunRecord of(String run, String command, Instant started) {
    return new RunRecord(
        run,
        command,
        started,
        started,
        0,
        false,
        "",
        NO_SLICE,
        0,
        -1,
        CommitMetadata.NONE,
        "",
        true);
  }

  boolean isKept() {
    return kept;
  }

  /** The same run, which leaves nothing in the lake. */
  public RunRecord unkept() {
    return new RunRecord(
        run,
        command,
        started,
        ended,
        status,
        reconciled,
        scope,
        slice,
        slices,
        usersVersion,
        folded,
        report,
        false);
  }

  /** The same run with what its reconcile compared. */
  public RunRecord reconciled(
      String scope, int slice, int slices, long usersVersion, CommitMetadata folded) {
    return new RunRecord(
        run,
        command,
        started,
        ended,
        status,
        true,
        scope,
        slice,
        slices,
        usersVersion,
        folded,
        report,
        kept);
  }

  RunRecord ended(int status, String report) {
    return new RunRecord(
        run,
        command,
        started,
        Instant.now(),
        status,
        reconciled,
        scope,
        slice,
        slices,
        usersVersion,
        folded,
        report,
        kept);
  }

  void append(Lake lake) {
    LakeTable runs = lake.reconcileRuns();
    CommitMetadata metadata = CommitMetadata.undecoded(run, "", LakeOffsets.NONE, 0, List.of());
    runs.create(metadata);
    runs.writer(
            lake.spark()
                .createDataFrame(
                    List.of(
                        RowFactory.create(
                            run,
                            command,
                            started,
                            ended,
                            status,
                            reconciled,
                            scope,
                            slice,
                            slices,
                            usersVersion,
                            folded.toJson(),
                            folded.decodeVersion(),
                            report)),
                    runs.schema())
                .coalesce(1),
            metadata)
        .mode("append")
        .save(runs.path());
  }
}
