package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.schema.ColumnMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.KeyspaceMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import io.foldlog.contract.CellType;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserField;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table of the view: its statements and its schema, both derived from {@link UserField}. */
public final class ViewTable {

  /** The name of the table in every keyspace. */
  public static final String NAME = "created_users";

  static final String ID = "id";

  private static final int GRACE_SECONDS = Integer.MAX_VALUE;
  private static final int MAX_DIFFERENCES = 5;

  private final String keyspace;

  private ViewTable(String keyspace) {
    this.keyspace = keyspace;
  }

  /** The table in that keyspace. It need not exist. */
  public static ViewTable in(String keyspace) {
    return new ViewTable(ViewConnection.requireKeyspace(keyspace));
  }

  /** {@code keyspace.table}. */
  public String qualifiedName() {
    return keyspace + "." + NAME;
  }

  /**
   * The selected columns of a user: the id, then for each field in order its value, its writetime
   * (µs) and its TTL (s).
   */
  public static String selection() {
    return ID
        + UserField.all().stream()
            .map(UserField::columnName)
            .map(", %1$s, writetime(%1$s), ttl(%1$s)"::formatted)
            .collect(Collectors.joining());
  }

  String selectOne() {
    return "SELECT %s FROM %s WHERE %s = ?".formatted(selection(), qualifiedName(), ID);
  }

  String selectRange() {
    return "SELECT %s FROM %s WHERE token(%s) > ? AND token(%s) <= ?"
        .formatted(selection(), qualifiedName(), ID, ID);
  }

  /** The parameters are the fields in order, the id and the time. */
  String insert() {
    return "INSERT INTO %s (%s, %s) VALUES (%s?) USING TIMESTAMP ?"
        .formatted(
            qualifiedName(),
            columns("%s").collect(Collectors.joining(", ")),
            ID,
            columns("?, ").collect(Collectors.joining()));
  }

  /**
   * The parameters are the time, the fields in order and the id. Writes only cells, no row marker.
   */
  String update() {
    return "UPDATE %s USING TIMESTAMP ? SET %s WHERE %s = ?"
        .formatted(qualifiedName(), columns("%s = ?").collect(Collectors.joining(", ")), ID);
  }

  /** The parameters are the time and the id. */
  String delete() {
    return "DELETE FROM %s USING TIMESTAMP ? WHERE %s = ?".formatted(qualifiedName(), ID);
  }

  private static Stream<String> columns(String format) {
    return UserField.all().stream().map(field -> format.formatted(field.columnName()));
  }

  /**
   * Whether there is a table or a materialized view of this name.
   *
   * @throws PipelineException unavailable, when Cassandra does not return its schema
   */
  boolean exists(CqlSession session) {
    if (!isVisible(session)) {
      // a session that was opened while the database was overloaded may have no schema metadata
      schemaRequest(session::refreshSchema);
    }
    return isVisible(session);
  }

  private boolean isVisible(CqlSession session) {
    return keyspace(session)
        .filter(found -> found.getTable(NAME).isPresent() || found.getView(NAME).isPresent())
        .isPresent();
  }

  /**
   * Checks that the table exists and can represent the fold: columns, types, primary key, dropped
   * columns, TTL and gc_grace_seconds. Accepts additional columns and other options.
   *
   * @throws PipelineException usage error, with the differences and a remedy; unavailable, when
   *     Cassandra does not return its schema
   */
  public void require(CqlSession session) {
    boolean exists = exists(session);
    KeyspaceMetadata found =
        keyspace(session).orElseThrow(() -> ViewErrors.keyspaceIsMissing(keyspace));
    if (!exists) {
      throw ViewErrors.tableIsMissing(qualifiedName());
    }
    TableMetadata table =
        found.getTable(NAME).orElseThrow(() -> ViewErrors.tableIsMaterializedView(qualifiedName()));
    if (hasOnlyText(table)) {
      throw ViewErrors.tableHasOnlyText(qualifiedName(), dropStatements(found));
    }
    List<String> differences = differences(table, droppedColumns(session));
    if (!differences.isEmpty()) {
      List<String> reported = differences.stream().limit(MAX_DIFFERENCES).toList();
      throw ViewErrors.tableDiffers(
          qualifiedName(), reported, differences.size() - reported.size(), dropStatements(found));
    }
  }

  private static <T> T schemaRequest(Supplier<T> request) {
    try {
      return CqlRetry.get(request);
    } catch (DriverException failure) {
      throw ViewErrors.schemaIsNotReturned(failure);
    }
  }

  /**
   * The times at which columns were dropped, by column name. Cassandra keeps them until the table
   * is dropped. The driver's metadata does not contain them. Every role may read them.
   */
  private Map<String, Instant> droppedColumns(CqlSession session) {
    SimpleStatement request =
        SimpleStatement.builder(
                "SELECT column_name, dropped_time FROM system_schema.dropped_columns WHERE keyspace_name = ? AND table_name = ?")
            .addPositionalValues(keyspace, NAME)
            .setIdempotence(true)
            .build();
    return schemaRequest(
        () ->
            session.execute(request).all().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getInstant(1))));
  }

  /** The statements that remove the table. Materialized views of it must go first. */
  private String dropStatements(KeyspaceMetadata found) {
    return found.getViewsOnTable(CqlIdentifier.fromCql(NAME)).keySet().stream()
        .map(view -> "DROP MATERIALIZED VIEW %s.%s; ".formatted(keyspace, view.asCql(true)))
        .collect(Collectors.joining("", "", "DROP TABLE " + qualifiedName()));
  }

  /**
   * Whether this is the table of users that earlier pipelines of this kind create: columns of the
   * view, by id, all of them text.
   */
  private static boolean hasOnlyText(TableMetadata table) {
    List<ColumnMetadata> columns = new ArrayList<>(table.getColumns().values());
    columns.removeAll(table.getPartitionKey());
    return isKeyedById(table)
        && columns.stream().allMatch(column -> column.getType().equals(DataTypes.TEXT))
        && columns.stream()
            .anyMatch(column -> UserField.ofColumn(column.getName().asInternal()).isPresent());
  }

  private static List<String> differences(TableMetadata table, Map<String, Instant> dropped) {
    List<String> differences = new ArrayList<>();
    compare(table, ID, DataTypes.UUID).ifPresent(differences::add);
    for (UserField field : UserField.all()) {
      Optional.ofNullable(dropped.get(field.columnName()))
          .map(time -> ViewErrors.columnWasDropped(field.columnName(), time))
          .or(() -> compare(table, field.columnName(), dataType(field.type())))
          .ifPresent(differences::add);
    }
    if (!isKeyedById(table)) {
      differences.add(ViewErrors.primaryKeyDiffers());
    }
    compareOption(table, "default_time_to_live", 0, ViewErrors.CELLS_EXPIRE)
        .ifPresent(differences::add);
    compareOption(table, "gc_grace_seconds", GRACE_SECONDS, ViewErrors.TOMBSTONES_ARE_PURGED)
        .ifPresent(differences::add);
    return differences;
  }

  private static boolean isKeyedById(TableMetadata table) {
    return table.getClusteringColumns().isEmpty()
        && table.getPartitionKey().size() == 1
        && table.getPartitionKey().get(0).getName().asInternal().equals(ID);
  }

  private static Optional<String> compareOption(
      TableMetadata table, String option, int expected, String effect) {
    Object found = table.getOptions().get(CqlIdentifier.fromCql(option));
    return Objects.equals(found, expected)
        ? Optional.empty()
        : Optional.of(ViewErrors.optionDiffers(option, found, expected, effect));
  }

  private static Optional<String> compare(TableMetadata table, String name, DataType expected) {
    Optional<ColumnMetadata> column = table.getColumn(CqlIdentifier.fromCql(name));
    if (column.isEmpty()) {
      return Optional.of(ViewErrors.columnIsMissing(name, cqlName(expected)));
    }
    DataType found = column.get().getType();
    return found.equals(expected)
        ? Optional.empty()
        : Optional.of(ViewErrors.columnTypeDiffers(name, cqlName(found), cqlName(expected)));
  }

  private static String cqlName(DataType type) {
    return type.asCql(false, false);
  }

  private static DataType dataType(CellType type) {
    return switch (type) {
      case TEXT -> DataTypes.TEXT;
      case TIMESTAMP -> DataTypes.TIMESTAMP;
      case DOUBLE -> DataTypes.DOUBLE;
      case BIGINT -> DataTypes.BIGINT;
    };
  }

  private Optional<KeyspaceMetadata> keyspace(CqlSession session) {
    return session.getMetadata().getKeyspace(CqlIdentifier.fromCql(keyspace));
  }
}
