package io.foldlog.lake;

/** The columns of {@code events}, which holds the records of the log unchanged. */
public final class EventColumns {

  public static final String TOPIC_ID = "topic_id";
  public static final String PARTITION = "partition";
  public static final String OFFSET = "offset";
  public static final String TIMESTAMP = "timestamp";

  /** Kafka's number: 0 the producer's clock (CreateTime), 1 the broker's (LogAppendTime). */
  public static final String TIMESTAMP_TYPE = "timestamp_type";

  public static final String KEY = "key";
  public static final String VALUE = "value";
  public static final String HEADERS = "headers";

  /** The UTC day of the timestamp; the table is partitioned by it. */
  public static final String DAY = "day";

  private EventColumns() {}
}
