package io.foldlog.speed.meters;

import java.io.Serializable;
import org.HdrHistogram.Histogram;

/**
 * What an executor counted for a query since its last report.
 *
 * @param query the id of the query
 * @param in records read
 * @param written events acknowledged by the view's database
 * @param rejected records that became dead letters
 * @param retried writes that were tried once more
 * @param unknownMembers members of events that this version does not know
 * @param delays log-to-view delays in ms: record timestamp to acknowledgement
 */
public record MeterReport(
    String query,
    long in,
    long written,
    long rejected,
    long retried,
    long unknownMembers,
    Histogram delays)
    implements Serializable {

  /** Whether nothing was counted. */
  public boolean isEmpty() {
    return in == 0
        && written == 0
        && rejected == 0
        && retried == 0
        && unknownMembers == 0
        && delays.getTotalCount() == 0;
  }
}
