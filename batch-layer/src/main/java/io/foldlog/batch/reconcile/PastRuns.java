package io.foldlog.batch.reconcile;

import static org.apache.spark.sql.functions.col;

import io.foldlog.batch.lake.CommitMetadata;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.LakeOffsets;
import io.foldlog.contract.DecodeRules;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;

/** The successful reconciles of this lake. */
final class PastRuns {

  private final List<Row> rows;

  private PastRuns(List<Row> rows) {
    this.rows = rows;
  }

  static PastRuns load(Lake lake) {
    return new PastRuns(
        lake.reconcileRuns()
            .read()
            .where(col("reconciled").and(col("status").equalTo(0)))
            .select("started", "slice", "slices", "folded", "decode_version")
            .collectAsList());
  }

  /**
   * How far the last one had folded; empty if it had folded other records up to there, used another
   * decode version, or treated producers' timestamps in another way.
   */
  Optional<LakeOffsets> lastFolded(DecodeRules rules, CommitMetadata pinned) {
    return last()
        .filter(row -> row.getInt(4) == rules.version())
        .flatMap(row -> CommitMetadata.parse(row.getString(3)))
        .filter(folded -> folded.createTime() == rules.createTime())
        .filter(folded -> folded.hasSameRecordsAs(pinned))
        .map(CommitMetadata::offsets)
        .filter(offsets -> offsets.isWithin(pinned.offsets()));
  }

  /** The decode version of the last one. */
  Optional<Integer> lastDecodeVersion() {
    return last().map(row -> row.getInt(4));
  }

  /** When the last one with that decode version that compared every user began. */
  Optional<Instant> lastFullStart(int decodeVersion) {
    return rows.stream()
        .filter(row -> isFull(row) && row.getInt(4) == decodeVersion)
        .map(row -> row.<Instant>getAs(0))
        .max(Comparator.naturalOrder());
  }

  private Optional<Row> last() {
    return rows.stream().max(Comparator.comparing(row -> row.<Instant>getAs(0)));
  }

  /** The slice of the ring that was not looked at for the longest time. */
  int longestUnaudited(int slices) {
    Map<Integer, Instant> audited = new HashMap<>();
    for (Row row : rows) {
      Instant started = row.getAs(0);
      if (isFull(row)) {
        for (int slice = 0; slice < slices; slice++) {
          audited.merge(slice, started, PastRuns::later);
        }
      } else if (row.getInt(2) == slices) {
        audited.merge(row.getInt(1), started, PastRuns::later);
      }
    }
    int longest = 0;
    for (int slice = 1; slice < slices; slice++) {
      if (audited
          .getOrDefault(slice, Instant.EPOCH)
          .isBefore(audited.getOrDefault(longest, Instant.EPOCH))) {
        longest = slice;
      }
    }
    return longest;
  }

  /** Rows of earlier releases hold -1 where there is no slice. */
  private static boolean isFull(Row run) {
    return run.isNullAt(1) || run.getInt(1) < 0;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
