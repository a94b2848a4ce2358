package io.foldlog.speed.meters;

import java.io.Serializable;
import org.HdrHistogram.Histogram;

/**
 * The counts of one executor for one query since the last report.
 *
 * @param query the id of the query
 * @param in records read
 * @param written events that Cassandra has acknowledged
 * @param rejected records that became dead letters
 * @param retried number of write retries
 * @param unknownMembers unknown members of events
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

  public boolean isEmpty() {
    return in == 0
        && written == 0
        && rejected == 0
        && retried == 0
        && unknownMembers == 0
        && delays.getTotalCount() == 0;
  }
}
