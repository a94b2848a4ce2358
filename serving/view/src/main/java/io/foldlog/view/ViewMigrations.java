package io.foldlog.view;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import io.foldlog.contract.PipelineException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numbered CQL files that create the view. They are applied once each, in order, and recorded
 * in the table {@code schema_migrations} of the keyspace. All statements are idempotent, so an
 * interrupted run can be repeated.
 */
final class ViewMigrations {

  private static final Logger LOG = LoggerFactory.getLogger(ViewMigrations.class);

  static final List<CqlScript> ALL =
      List.of(
          migration("001_users"),
          migration("002_indexes"),
          migration("003_running_layers"),
          migration("004_repaired_users"),
          migration("005_decode_versions"),
          migration("006_layer_positions"),
          migration("007_skipped_records"));

  private final CqlSession session;
  private final SchemaChanges schema;
  private final String keyspace;

  ViewMigrations(CqlSession session, String keyspace) {
    this.session = session;
    this.schema = new SchemaChanges(session);
    this.keyspace = keyspace;
  }

  private static CqlScript migration(String name) {
    return CqlScript.ofResource("migrations/" + name + ".cql");
  }

  /**
   * Applies the migrations that were not applied yet; all of them, when the table of the view was
   * dropped.
   *
   * @throws PipelineException usage error, when an existing table does not belong to the pipeline,
   *     or an applied file has changed
   */
  void apply() {
    schema.execute(
        """
        CREATE TABLE IF NOT EXISTS %s.schema_migrations (
          version int PRIMARY KEY, name text, checksum text, applied_at timestamp)"""
            .formatted(keyspace));
    Map<Integer, String> applied = applied();
    ViewTable table = ViewTable.in(keyspace);
    boolean exists = table.exists(session);
    if (applied.isEmpty() && exists) {
      table.require(session);
    }
    if (!applied.isEmpty() && !exists) {
      LOG.warn("event=dropped_table_provisioned_again table={}", table.qualifiedName());
      // it describes cells of the dropped table
      schema.execute("DROP TABLE IF EXISTS %s.repaired_users".formatted(keyspace));
      applied.clear();
    }
    for (int index = 0; index < ALL.size(); index++) {
      int version = index + 1;
      CqlScript script = ALL.get(index);
      String recorded = applied.get(version);
      if (recorded == null) {
        apply(version, script);
      } else if (!recorded.equals(script.checksum())) {
        throw ViewErrors.migrationIsEdited(script.path(), keyspace);
      }
    }
    table.require(session);
  }

  private void apply(int version, CqlScript script) {
    script.statements(Map.of("keyspace", keyspace)).forEach(schema::execute);
    session.execute(
        "INSERT INTO %s.schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, toTimestamp(now()))"
            .formatted(keyspace),
        version,
        script.path(),
        script.checksum());
    LOG.info("event=migration_applied keyspace={} file={}", keyspace, script.path());
  }

  private Map<Integer, String> applied() {
    Map<Integer, String> applied = new HashMap<>();
    for (Row row :
        session.execute("SELECT version, checksum FROM %s.schema_migrations".formatted(keyspace))) {
      applied.put(row.getInt("version"), row.getString("checksum"));
    }
    return applied;
  }
}
