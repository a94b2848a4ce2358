package io.foldlog.speed.meters;

import java.io.Serializable;

/**
 * What an executor counted for a query since its last report.
 *
 * @param query the id of the query
 * @param in records read
 * @param written events acknowledged by the view's database
 * @param rejected records that became dead letters
 * @param retried writes that were tried once more
 * @param unknownMembers members of events that this version does not know
 * @param buckets of {@link DelayHistogram}, those with a count
 * @param counts of each of those buckets
 */
public record MeterReport(
    String query,
    long in,
    long written,
    long rejected,
    long retried,
    long unknownMembers,
    int[] buckets,
    long[] counts)
    implements Serializable {

  /** Whether nothing was counted. */
  public boolean isEmpty() {
    return in == 0
        && written == 0
        && rejected == 0
        && retried == 0
        && unknownMembers == 0
        && buckets.length == 0;
  }
}
