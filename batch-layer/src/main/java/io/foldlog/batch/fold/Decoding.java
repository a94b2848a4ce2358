package io.foldlog.batch.fold;

import io.foldlog.batch.lake.EventsTable;
import io.foldlog.batch.lake.Lake;
import io.foldlog.batch.lake.UsersTable;
import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventType;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import io.foldlog.lake.UserColumns;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapGroupsFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Decodes archived records inside Spark, with the contract's decoder: into users' states, into
 * rejections, into registrations.
 */
public final class Decoding {

  private static final StructType REGISTRATIONS =
      new StructType()
          .add("day", DataTypes.DateType)
          .add("nationality", DataTypes.StringType)
          .add(UserColumns.USER_ID, DataTypes.StringType);

  /** The column of a time in {@link #recordTimes}, µs. */
  public static final String RECORD_TIME = "record_time";

  /** The column of the text in {@link #recordTimes}. */
  public static final String RECORD_TEXT = "record_text";

  private static final StructType RECORD_TIMES =
      new StructType()
          .add(UserColumns.USER_ID, DataTypes.StringType)
          .add(RECORD_TIME, DataTypes.LongType)
          .add(RECORD_TEXT, DataTypes.StringType);

  private static final StructType IDS =
      new StructType().add(UserColumns.USER_ID, DataTypes.StringType);

  private Decoding() {}

  /** What the records of one folding were, counted while they are decoded. */
  public static final class Counts implements Serializable {

    private final LongAccumulator events;
    private final LongAccumulator rejected;
    private final LongAccumulator unknownMembers;
    private final CollectionAccumulator<Long> registrationDays;

    /** Counts nothing yet. */
    public Counts(SparkSession spark) {
      events = spark.sparkContext().longAccumulator("events");
      rejected = spark.sparkContext().longAccumulator("rejected");
      unknownMembers = spark.sparkContext().longAccumulator("unknown members");
      registrationDays = spark.sparkContext().collectionAccumulator("registration days");
    }

    long events() {
      return events.sum();
    }

    long rejected() {
      return rejected.sum();
    }

    long unknownMembers() {
      return unknownMembers.sum();
    }

    /** The UTC days of the registrations' event times. */
    Set<LocalDate> registrationDays() {
      Set<LocalDate> days = new TreeSet<>();
      registrationDays.value().forEach(day -> days.add(LocalDate.ofEpochDay(day)));
      return days;
    }
  }

  /** The state of each user by those records alone, one row of {@link UsersTable} a user. */
  public static Dataset<Row> states(Dataset<Row> events, DecodeRules rules, Counts counts) {
    MapPartitionsFunction<Row, Row> fold =
        rows -> {
          EventDecoder decoder = rules.newDecoder();
          Map<UUID, UserState> states = new HashMap<>();
          Set<Long> days = new TreeSet<>();
          while (rows.hasNext()) {
            if (EventsTable.decode(decoder, rows.next()) instanceof UserEvent event) {
              counts.events.add(1);
              counts.unknownMembers.add(event.unknownMembers());
              states.computeIfAbsent(event.userId(), id -> new UserState()).apply(event);
              if (event.type() == EventType.REGISTERED) {
                days.add(day(event).toEpochDay());
              }
            } else {
              counts.rejected.add(1);
            }
          }
          days.forEach(counts.registrationDays::add);
          return states.entrySet().stream()
              .map(entry -> UsersTable.row(entry.getKey().toString(), entry.getValue()))
              .iterator();
        };
    return decoded(events, fold, UsersTable.SCHEMA);
  }

  /** Merges rows of {@link UsersTable} into one for each user. */
  public static Dataset<Row> mergeStates(Dataset<Row> states) {
    MapGroupsFunction<String, Row, Row> merge =
        (userId, rows) -> {
          UserState merged = new UserState();
          rows.forEachRemaining(row -> merged.merge(UsersTable.state(row)));
          return UsersTable.row(userId, merged);
        };
    return states
        .groupByKey((MapFunction<Row, String>) row -> row.getString(0), Encoders.STRING())
        .mapGroups(merge, Encoders.row(UsersTable.SCHEMA));
  }

  /** The records that are no events. */
  static Dataset<Row> rejections(Dataset<Row> events, DecodeRules rules) {
    MapPartitionsFunction<Row, Row> reject =
        rows ->
            each(
                rows,
                rules,
                (row, decoded) ->
                    decoded instanceof Rejection rejection
                        ? Optional.of(
                            RowFactory.create(
                                row.getString(5),
                                row.getInt(6),
                                row.getLong(4),
                                row.get(3),
                                rejection.code().name(),
                                rejection.field(),
                                rejection.message()))
                        : Optional.empty());
    return decoded(events, reject, Lake.REJECTED);
  }

  /** Distinct subjects of registrations by UTC day and nationality; of some days, or of all. */
  static Dataset<Row> registrations(
      Dataset<Row> events, DecodeRules rules, Optional<Set<LocalDate>> days) {
    Set<LocalDate> wanted = days.map(TreeSet::new).orElse(null);
    MapPartitionsFunction<Row, Row> register =
        rows ->
            each(
                rows,
                rules,
                (row, decoded) ->
                    decoded instanceof UserEvent event
                            && event.type() == EventType.REGISTERED
                            && (wanted == null || wanted.contains(day(event)))
                        ? Optional.of(
                            RowFactory.create(
                                day(event), nationality(event), event.userId().toString()))
                        : Optional.empty());
    return decoded(events, register, REGISTRATIONS)
        .groupBy("day", "nationality")
        .agg(functions.countDistinct(UserColumns.USER_ID).as("users"));
  }

  /** The ids of the users that the records are of, each once. */
  public static List<UUID> users(Dataset<Row> events, DecodeRules rules) {
    MapPartitionsFunction<Row, Row> name =
        rows -> {
          EventDecoder decoder = rules.newDecoder();
          Set<UUID> users = new HashSet<>();
          while (rows.hasNext()) {
            if (EventsTable.decode(decoder, rows.next()) instanceof UserEvent event) {
              users.add(event.userId());
            }
          }
          return users.stream().map(user -> RowFactory.create(user.toString())).iterator();
        };
    List<UUID> users = new ArrayList<>();
    decoded(events, name, IDS)
        .distinct()
        .toLocalIterator()
        .forEachRemaining(row -> users.add(UUID.fromString(row.getString(0))));
    return users;
  }

  /**
   * The times at which a decode version may write what a record says: its event's time and the
   * record's place. The user of a record that these rules reject is null. Its text, in lower case,
   * then holds the ids that another version may find in it.
   */
  public static Dataset<Row> recordTimes(Dataset<Row> events, DecodeRules rules) {
    FlatMapFunction<Row, Row> times =
        new FlatMapFunction<>() {
          private static final long serialVersionUID = 1;
          private transient EventDecoder decoder;

          @Override
          public Iterator<Row> call(Row row) {
            if (decoder == null) {
              decoder = rules.newDecoder();
            }
            long place = EventsTable.placeMicros(row);
            if (EventsTable.decode(decoder, row) instanceof UserEvent event) {
              String user = event.userId().toString();
              return LongStream.of(place, event.timeMicros())
                  .distinct()
                  .mapToObj(time -> RowFactory.create(user, time, null))
                  .iterator();
            }
            String text = (text(row, 0) + " " + text(row, 1)).toLowerCase(Locale.ROOT);
            return List.of(RowFactory.create(null, place, text)).iterator();
          }
        };
    return events
        .selectExpr(EventsTable.DECODED_COLUMNS)
        .flatMap(times, Encoders.row(RECORD_TIMES));
  }

  private static String text(Row row, int column) {
    return row.isNullAt(column)
        ? ""
        : new String(row.<byte[]>getAs(column), StandardCharsets.UTF_8);
  }

  private static Dataset<Row> decoded(
      Dataset<Row> events, MapPartitionsFunction<Row, Row> function, StructType schema) {
    return events
        .selectExpr(EventsTable.DECODED_COLUMNS)
        .mapPartitions(function, Encoders.row(schema));
  }

  private interface EachRecord {
    Optional<Row> of(Row row, DecodeResult decoded);
  }

  private static Iterator<Row> each(Iterator<Row> rows, DecodeRules rules, EachRecord function) {
    EventDecoder decoder = rules.newDecoder();
    Function<Row, Optional<Row>> one = row -> function.of(row, EventsTable.decode(decoder, row));
    return new Iterator<>() {
      private Optional<Row> next = Optional.empty();

      @Override
      public boolean hasNext() {
        while (next.isEmpty() && rows.hasNext()) {
          next = one.apply(rows.next());
        }
        return next.isPresent();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          return Collections.<Row>emptyIterator().next();
        }
        Row row = next.orElseThrow();
        next = Optional.empty();
        return row;
      }
    };
  }

  private static LocalDate day(UserEvent event) {
    return LocalDate.ofEpochDay(Math.floorDiv(event.timeMicros(), TimeUnit.DAYS.toMicros(1)));
  }

  private static String nationality(UserEvent event) {
    return event.isSet(UserField.NATIONALITY)
        ? new String(event.value(UserField.NATIONALITY), StandardCharsets.UTF_8)
        : null;
  }
}
