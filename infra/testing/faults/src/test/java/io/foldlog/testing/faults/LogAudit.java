package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.UsersTable;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventType;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.lake.EventColumns;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogId;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import io.foldlog.log.RecordId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.header.Header;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Compares the lake with the log, record by record. Each audit compares the records that are new
 * since the last audit. Of older records it compares only the number, because the archive does not
 * change them.
 */
final class LogAudit {

  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private final EventTopic log;
  private final EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
  private final Set<RecordId> rejected = new HashSet<>();
  private final Map<String, Set<UUID>> registrations = new TreeMap<>();
  private final Map<RecordId, String> newRecords = new HashMap<>();
  private LogOffsets from;
  private LogOffsets end;

  LogAudit(EventTopic log) {
    this.log = log;
    this.end = new LogOffsets(LogId.of(log.metadata().topicId()), new TreeMap<>());
  }

  /** Reads the records that are new since the last call. */
  void advance() {
    from = end;
    end = log.endOffsets();
    newRecords.clear();
    log.read(from, end, this::add);
  }

  private void add(LogRecord record) {
    List<String> parts = new ArrayList<>();
    for (Header header : record.headers()) {
      parts.add(header.key() + "=" + text(header.value()));
    }
    newRecords.put(
        record.id(), text(record.timestampMillis(), record.key(), record.value(), parts));
    if (record.decodeWith(decoder) instanceof UserEvent event) {
      if (event.type() == EventType.REGISTERED) {
        registrations.computeIfAbsent(day(event), day -> new HashSet<>()).add(event.userId());
      }
    } else {
      rejected.add(record.id());
    }
  }

  private static String day(UserEvent event) {
    LocalDate day =
        Instant.ofEpochSecond(Math.floorDiv(event.timeMicros(), 1_000_000L))
            .atZone(ZoneOffset.UTC)
            .toLocalDate();
    UserField field = UserField.NATIONALITY;
    String nationality =
        event.isAbsent(field) || event.isCleared(field)
            ? null
            : new String(event.value(field), StandardCharsets.UTF_8);
    return day + " " + nationality;
  }

  private static String text(long millis, byte[] key, byte[] value, List<String> headers) {
    return millis + " " + text(key) + " " + text(value) + " " + headers;
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "null" : BASE64.encodeToString(bytes);
  }

  /** The offsets up to which the log was read. */
  LogOffsets end() {
    return end;
  }

  long newRecordCount() {
    return from.offsetsUntil(end);
  }

  /** The ids of all rejected records. */
  Set<RecordId> rejected() {
    return rejected;
  }

  /** Compares as sets, because comparing lists would take most of the test's time. */
  void assertContainsAllRejected(String where, Set<RecordId> found) {
    Set<RecordId> missing = new HashSet<>(rejected);
    missing.removeAll(found);
    assertThat(missing).as("rejected, but not in %s", where).isEmpty();
    Set<RecordId> unexpected = new HashSet<>(found);
    unexpected.removeAll(rejected);
    assertThat(unexpected).as("in %s, but not rejected", where).isEmpty();
  }

  /** The archive holds each record of the log once, with the same bytes, and no other record. */
  void assertThatArchiveEqualsLog(Lake lake) {
    assertThat(lake.events().read().count()).as("archived records").isEqualTo(end.sum());
    String isNew =
        end.byPartition().keySet().stream()
            .map(each -> "(partition = %d AND offset >= %d)".formatted(each, from.offset(each)))
            .reduce("topic_id <> '%s'".formatted(end.topicId()), (a, b) -> a + " OR " + b);
    Map<RecordId, String> missing = new HashMap<>(newRecords);
    for (Row row :
        lake.events()
            .read()
            .where(isNew)
            .select(
                functions.col(EventColumns.TOPIC_ID),
                functions.col(EventColumns.PARTITION),
                functions.col(EventColumns.OFFSET),
                functions.expr("unix_millis(timestamp)"),
                functions.col(EventColumns.KEY),
                functions.col(EventColumns.VALUE),
                functions.col(EventColumns.HEADERS))
            .collectAsList()) {
      RecordId id = new RecordId(LogId.parse(row.getString(0)), row.getInt(1), row.getLong(2));
      List<String> headers = new ArrayList<>();
      if (!row.isNullAt(6)) {
        for (Row header : row.<Row>getList(6)) {
          headers.add(header.getString(0) + "=" + text(header.<byte[]>getAs(1)));
        }
      }
      String archived = text(row.getLong(3), row.getAs(4), row.getAs(5), headers);
      assertThat(archived).as("archived once and unchanged: %s", id).isEqualTo(missing.remove(id));
    }
    assertThat(missing.keySet()).as("not archived").isEmpty();
  }

  void assertThatFoldedTablesEqualFold(Lake lake, Map<UUID, UserState> fold) {
    Map<UUID, UserState> users = new HashMap<>();
    List<Row> rows = lake.users().read().collectAsList();
    rows.forEach(row -> users.put(UsersTable.userId(row), UsersTable.state(row)));
    assertThat(rows).as("each user once").hasSameSizeAs(users.keySet());
    assertThat(users).isEqualTo(fold);
    Set<RecordId> ids = new HashSet<>();
    for (Row row : lake.rejectedEvents().read().collectAsList()) {
      RecordId id = new RecordId(LogId.parse(row.getString(0)), row.getInt(1), row.getLong(2));
      assertThat(ids.add(id)).as("rejected once: %s", id).isTrue();
    }
    assertContainsAllRejected("rejected_events", ids);
    Map<String, Long> counted = new TreeMap<>();
    for (Row row : lake.registrationsByDay().read().collectAsList()) {
      assertThat(counted.put(row.get(0) + " " + row.get(1), row.getLong(2))).isNull();
    }
    Map<String, Long> expected = new TreeMap<>();
    registrations.forEach((day, registered) -> expected.put(day, (long) registered.size()));
    assertThat(counted).isEqualTo(expected);
  }
}
