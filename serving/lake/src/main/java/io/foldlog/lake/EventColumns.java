package io.foldlog.lake;

/** The columns of the table {@code events}, which contains the records of the log unchanged. */
public final class EventColumns {

  /** The log id: Kafka's topic id, followed by {@code #n} after n replacements of its content. */
  public static final String TOPIC_ID = "topic_id";

  public static final String PARTITION = "partition";
  public static final String OFFSET = "offset";
  public static final String TIMESTAMP = "timestamp";

  /**
   * Kafka's number of the timestamp type: 0 is CreateTime (producer), 1 is LogAppendTime (broker).
   */
  public static final String TIMESTAMP_TYPE = "timestamp_type";

  public static final String KEY = "key";
  public static final String VALUE = "value";
  public static final String HEADERS = "headers";

  /** The UTC day of the timestamp; the table is partitioned by it. */
  public static final String DAY = "day";

  private EventColumns() {}
}
