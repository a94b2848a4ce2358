package io.foldlog.batch;

import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.batch.lake.LakeTable;
import io.foldlog.batch.reconcile.ReconcileFigures;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * A run's row in the table {@code reconcile_runs}.
 *
 * @param report the report of the run
 * @param tokenRanges the setting {@code batch-layer.token-ranges}
 */
record RunRecord(RunReport report, int tokenRanges) {

  RunRecord {
    Objects.requireNonNull(report);
  }

  void append(Lake lake) {
    LakeTable runs = lake.reconcileRuns();
    CommitMetadata metadata =
        CommitMetadata.undecoded(report.run(), "", LakeOffsets.NONE, 0, List.of());
    runs.create(metadata);
    runs.writer(lake.spark().createDataFrame(List.of(row()), runs.schema()).coalesce(1), metadata)
        .mode("append")
        .save(runs.path());
  }

  private Row row() {
    Optional<ReconcileFigures> reconciled = report.figures(ReconcileFigures.class);
    CommitMetadata folded = reconciled.map(ReconcileFigures::pinned).orElse(CommitMetadata.NONE);
    return RowFactory.create(
        report.run(),
        report.command(),
        report.started(),
        report.ended(),
        report.status().code(),
        reconciled.isPresent(),
        reconciled.map(ReconcileFigures::scope).orElse(""),
        reconciled.flatMap(ReconcileFigures::slice).orElse(null),
        reconciled.isPresent() ? tokenRanges : 0,
        reconciled.map(ReconcileFigures::usersVersion).orElse(null),
        folded.toJson(),
        folded.decodeVersion(),
        report.summary());
  }
}
