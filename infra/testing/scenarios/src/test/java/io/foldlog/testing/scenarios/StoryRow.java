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

/** Writes a row of the view as stories do: {@code city = Bern at 7, last_event = updated at 7}. */
final class StoryRow {

  /** In place of a row that does not show. */
  static final String NONE = "none";

  /** Stands for the three cells of the {@link #ENVELOPE}. */
  static final String LAST_EVENT = "last_event";

  static final List<UserField> ENVELOPE =
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
   * A row as text.
   *
   * @param events of the user
   * @param evening that the row's times are told by
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
            told -> {
              ENVELOPE.forEach(field -> cells.remove(field.columnName()));
              cells.put(LAST_EVENT, told);
            });
    return cells.entrySet().stream()
        .map(cell -> cell.getKey() + " = " + cell.getValue())
        .collect(Collectors.joining(", "));
  }

  private String time(UserField field) {
    return snapshot.told(row.id(), field, row.writetime(field))
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

  /** The three cells as one, if they are of one event of that type and time, written together. */
  private Optional<String> lastEvent() {
    if (!ENVELOPE.stream().allMatch(row::hasValue)
        || ENVELOPE.stream().map(this::time).distinct().count() > 1) {
      return Optional.empty();
    }
    String id = value(UserField.LAST_EVENT_ID);
    String type = value(UserField.LAST_EVENT_TYPE);
    long micros = Long.parseLong(value(UserField.LAST_EVENT_TIME));
    List<UserEvent> then = events.stream().filter(each -> each.timeMicros() == micros).toList();
    if (then.stream().noneMatch(each -> each.id().equals(id))) {
      return Optional.empty();
    }
    return then.stream()
        .map(UserEvent::type)
        .filter(each -> each.wireName().equals(type))
        .findAny()
        .map(
            each -> {
              String own = ViewSnapshot.told(micros);
              String written = time(UserField.LAST_EVENT_ID);
              return each.name().toLowerCase(Locale.ROOT)
                  + " "
                  + own
                  + (written.equals(own) ? "" : " " + written);
            });
  }
}
