package io.foldlog.testing.scenarios;

import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.view.ViewRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Formats a row of the view as in a story: {@code city = Bern at 7, last_event = updated at 7}. */
final class StoryRow {

  /** The text of a missing row. */
  static final String NONE = "none";

  /** One name for the three cells of the last event. */
  static final String LAST_EVENT = "last_event";

  static final List<UserField> LAST_EVENT_FIELDS =
      UserField.all().stream().filter(field -> !field.isData()).toList();

  private final ViewRow row;
  private final List<UserEvent> events;
  private final ViewSnapshot snapshot;

  private StoryRow(ViewRow row, List<UserEvent> events, ViewSnapshot snapshot) {
    this.row = row;
    this.events = events;
    this.snapshot = snapshot;
  }

  /**
   * Formats a row.
   *
   * @param events all events of the user
   * @param snapshot by which writetimes are formatted
   */
  static String text(Optional<ViewRow> row, List<UserEvent> events, ViewSnapshot snapshot) {
    return row.map(found -> new StoryRow(found, events, snapshot).text()).orElse(NONE);
  }

  private String text() {
    Map<String, String> cells = new TreeMap<>();
    for (UserField field : UserField.all()) {
      if (row.hasValue(field)) {
        cells.put(field.columnName(), value(field) + " " + time(field));
      }
    }
    lastEvent()
        .ifPresent(
            text -> {
              LAST_EVENT_FIELDS.forEach(field -> cells.remove(field.columnName()));
              cells.put(LAST_EVENT, text);
            });
    return cells.entrySet().stream()
        .map(cell -> cell.getKey() + " = " + cell.getValue())
        .collect(Collectors.joining(", "));
  }

  private String time(UserField field) {
    return snapshot.format(row.id(), field, row.writetime(field))
        + (row.hasTimeToLive(field) ? " expiring" : "");
  }

  private String value(UserField field) {
    ByteBuffer bytes = ByteBuffer.wrap(row.value(field));
    return switch (field.type()) {
      case TEXT -> StandardCharsets.UTF_8.decode(bytes).toString();
      case TIMESTAMP -> Instant.ofEpochMilli(bytes.getLong()).toString();
      case DOUBLE -> Double.toString(bytes.getDouble());
      case BIGINT -> Long.toString(bytes.getLong());
    };
  }

  /** The three cells as one entry, if all have the values of one event and the same writetime. */
  private Optional<String> lastEvent() {
    if (!LAST_EVENT_FIELDS.stream().allMatch(row::hasValue)
        || LAST_EVENT_FIELDS.stream().map(this::time).distinct().count() > 1) {
      return Optional.empty();
    }
    String id = value(UserField.LAST_EVENT_ID);
    String type = value(UserField.LAST_EVENT_TYPE);
    long micros = Long.parseLong(value(UserField.LAST_EVENT_TIME));
    List<UserEvent> sameTime = events.stream().filter(each -> each.timeMicros() == micros).toList();
    if (sameTime.stream().noneMatch(each -> each.id().equals(id))) {
      return Optional.empty();
    }
    return sameTime.stream()
        .map(UserEvent::type)
        .filter(each -> each.wireName().equals(type))
        .findAny()
        .map(
            each -> {
              String eventTime = ViewSnapshot.format(micros);
              String written = time(UserField.LAST_EVENT_ID);
              return each.name().toLowerCase(Locale.ROOT)
                  + " "
                  + eventTime
                  + (written.equals(eventTime) ? "" : " " + written);
            });
  }
}
