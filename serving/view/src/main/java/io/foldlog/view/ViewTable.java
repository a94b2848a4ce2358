package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.metadata.schema.ColumnMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import io.foldlog.contract.CellType;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.UserField;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

  /** Whether the session sees the table. */
  boolean exists(CqlSession session) {
    return metadata(session).isPresent();
  }

  /**
   * Checks that the table exists and belongs to the pipeline: columns, types, TTL and
   * gc_grace_seconds.
   *
   * @throws PipelineException usage error, with the differences and a remedy; unavailable, when
   *     Cassandra does not return its schema
   */
  public void require(CqlSession session) {
    refreshIfMissing(session);
    if (session.getMetadata().getKeyspace(CqlIdentifier.fromCql(keyspace)).isEmpty()) {
      throw ViewErrors.keyspaceIsMissing(keyspace);
    }
    TableMetadata table =
        metadata(session).orElseThrow(() -> ViewErrors.tableIsMissing(qualifiedName()));
    List<String> differences = differences(table);
    if (!differences.isEmpty()) {
      List<String> reported = differences.stream().limit(MAX_DIFFERENCES).toList();
      throw ViewErrors.tableDiffers(
          qualifiedName(), reported, differences.size() - reported.size());
    }
    requireOption(table, "default_time_to_live", 0);
    requireOption(table, "gc_grace_seconds", GRACE_SECONDS);
  }

  /** A session that was opened while the database was overloaded may have no schema metadata. */
  private void refreshIfMissing(CqlSession session) {
    if (exists(session)) {
      return;
    }
    try {
      CqlRetry.get(session::refreshSchema);
    } catch (DriverException failure) {
      throw ViewErrors.schemaIsNotReturned(failure);
    }
  }

  private void requireOption(TableMetadata table, String option, int expected) {
    Object found = table.getOptions().get(CqlIdentifier.fromCql(option));
    if (!Objects.equals(found, expected)) {
      throw ViewErrors.tableOptionDiffers(qualifiedName(), option, found, expected);
    }
  }

  private static List<String> differences(TableMetadata table) {
    List<String> differences = new ArrayList<>();
    compare(table, ID, DataTypes.UUID).ifPresent(differences::add);
    for (UserField field : UserField.all()) {
      compare(table, field.columnName(), dataType(field.type())).ifPresent(differences::add);
    }
    boolean keyedById =
        table.getClusteringColumns().isEmpty()
            && table.getPartitionKey().size() == 1
            && table.getPartitionKey().get(0).getName().asInternal().equals(ID);
    if (!keyedById) {
      differences.add(ViewErrors.primaryKeyDiffers());
    }
    return differences;
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

  private Optional<TableMetadata> metadata(CqlSession session) {
    return session
        .getMetadata()
        .getKeyspace(CqlIdentifier.fromCql(keyspace))
        .flatMap(found -> found.getTable(CqlIdentifier.fromCql(NAME)));
  }
}
