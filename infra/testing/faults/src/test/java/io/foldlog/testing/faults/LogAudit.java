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
 * Holds the lake against the log, record by record, and goes on where it was the last time: what
 * was archived once and counted right cannot be another record later.
 */
final class LogAudit {

  private static final Base64.Encoder BASE64 = Base64.getEncoder();

  private final EventTopic log;
  private final EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
  private final Set<RecordId> rejected = new HashSet<>();
  private final Map<String, Set<UUID>> registrations = new TreeMap<>();
  private final Map<RecordId, String> fresh = new HashMap<>();
  private LogOffsets from;
  private LogOffsets end;

  LogAudit(EventTopic log) {
    this.log = log;
    this.end = new LogOffsets(log.identity().topicId(), new TreeMap<>());
  }

  /** Reads what is new in the log. */
  void advance() {
    from = end;
    end = log.endOffsets();
    fresh.clear();
    log.read(from, end, this::take);
  }

  private void take(LogRecord record) {
    List<String> parts = new ArrayList<>();
    for (Header header : record.headers()) {
      parts.add(header.key() + "=" + text(header.value()));
    }
    fresh.put(record.id(), text(record.timestampMillis(), record.key(), record.value(), parts));
    if (record.decodedBy(decoder) instanceof UserEvent event) {
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

  /** Up to where the log was read. */
  LogOffsets end() {
    return end;
  }

  /** How many records were new. */
  long freshRecords() {
    return from.recordsUntil(end);
  }

  /** The places of all records that are no events. */
  Set<RecordId> rejected() {
    return rejected;
  }

  /** As sets: to hold each place against each would take longer than all else. */
  void assertThatTheRejectedAreIn(String where, Set<RecordId> found) {
    Set<RecordId> missing = new HashSet<>(rejected);
    missing.removeAll(found);
    assertThat(missing).as("rejected, and not in %s", where).isEmpty();
    Set<RecordId> surplus = new HashSet<>(found);
    surplus.removeAll(rejected);
    assertThat(surplus).as("in %s, and not rejected", where).isEmpty();
  }

  /** Every record of the log is in the archive once, with the same bytes, and nothing else is. */
  void assertThatTheArchiveEqualsTheLog(Lake lake) {
    assertThat(lake.events().read().count()).as("archived records").isEqualTo(end.sum());
    String isFresh =
        end.byPartition().keySet().stream()
            .map(each -> "(partition = %d AND offset >= %d)".formatted(each, from.offset(each)))
            .reduce("topic_id <> '%s'".formatted(end.topicId()), (a, b) -> a + " OR " + b);
    Map<RecordId, String> missing = new HashMap<>(fresh);
    for (Row row :
        lake.events()
            .read()
            .where(isFresh)
            .select(
                functions.col(EventColumns.TOPIC_ID),
                functions.col(EventColumns.PARTITION),
                functions.col(EventColumns.OFFSET),
                functions.expr("unix_millis(timestamp)"),
                functions.col(EventColumns.KEY),
                functions.col(EventColumns.VALUE),
                functions.col(EventColumns.HEADERS))
            .collectAsList()) {
      RecordId place = new RecordId(row.getString(0), row.getInt(1), row.getLong(2));
      List<String> headers = new ArrayList<>();
      if (!row.isNullAt(6)) {
        for (Row header : row.<Row>getList(6)) {
          headers.add(header.getString(0) + "=" + text(header.<byte[]>getAs(1)));
        }
      }
      String archived = text(row.getLong(3), row.getAs(4), row.getAs(5), headers);
      assertThat(archived)
          .as("archived once, as it is in the log: %s", place)
          .isEqualTo(missing.remove(place));
    }
    assertThat(missing.keySet()).as("not archived").isEmpty();
  }

  /** The other tables say what the log says, too. */
  void assertThatTheFoldedTablesEqualTheFold(Lake lake, Map<UUID, UserState> fold) {
    Map<UUID, UserState> users = new HashMap<>();
    List<Row> rows = lake.users().read().collectAsList();
    rows.forEach(row -> users.put(UsersTable.userId(row), UsersTable.state(row)));
    assertThat(rows).as("each user once").hasSameSizeAs(users.keySet());
    assertThat(users).isEqualTo(fold);
    Set<RecordId> places = new HashSet<>();
    for (Row row : lake.rejectedEvents().read().collectAsList()) {
      RecordId place = new RecordId(row.getString(0), row.getInt(1), row.getLong(2));
      assertThat(places.add(place)).as("rejected once: %s", place).isTrue();
    }
    assertThatTheRejectedAreIn("rejected_events", places);
    Map<String, Long> counted = new TreeMap<>();
    for (Row row : lake.registrationsByDay().read().collectAsList()) {
      assertThat(counted.put(row.get(0) + " " + row.get(1), row.getLong(2))).isNull();
    }
    Map<String, Long> expected = new TreeMap<>();
    registrations.forEach((day, targets) -> expected.put(day, (long) targets.size()));
    assertThat(counted).isEqualTo(expected);
  }
}
