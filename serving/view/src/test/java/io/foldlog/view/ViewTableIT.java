package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserField;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tables are accepted as the view. All tests use one keyspace, one after another. */
class ViewTableIT {

  private static TestView view;
  private static CqlSession admin;
  private static String table;

  @BeforeAll
  static void provision() throws InterruptedException {
    view = TestView.provisioned("table");
    admin = view.session(TestView.ADMIN);
    table = view.keyspace() + ".created_users";
  }

  @AfterAll
  static void close() {
    if (admin != null) {
      admin.close();
    }
  }

  /** Creates the table as provisioning does. */
  @BeforeEach
  void createTable() {
    admin.execute("DROP TABLE IF EXISTS " + table);
    ViewMigrations.ALL
        .get(0)
        .statements(Map.of("keyspace", view.keyspace()))
        .forEach(admin::execute);
  }

  @Test
  void shouldRejectDroppedColumnsForEveryRole() {
    alter("DROP state");
    for (String dropped :
        List.of(
            "phone",
            "city USING TIMESTAMP 4102444800000000", // in the future
            "cell USING TIMESTAMP 0")) {
      alter("DROP " + dropped);
      alter("ADD %s text".formatted(dropped.split(" ")[0]));
    }
    admin.execute("TRUNCATE " + table);

    assertThat(refusal())
        .startsWith(
            "The table %s cannot hold the fold of the log: phone was dropped at 2".formatted(table))
        .contains("; city was dropped at 2100-01-01T00:00:00Z, and Cassandra hides what")
        .contains("; state was dropped at 2")
        .contains("; cell was dropped at 1970-01-01T00:00:00Z, and Cassandra hides what")
        .contains("-e 'DROP TABLE %s' && foldlog provision".formatted(table))
        .contains("speed-layer.checkpoint");
    assertThat(refusal(TestView.WRITER)).isEqualTo(refusal());
    assertThat(refusal(TestView.READER)).isEqualTo(refusal());
  }

  @Test
  void shouldRejectOptionsThatForget() {
    alter("WITH default_time_to_live = 60 AND gc_grace_seconds = 864000");

    assertThat(refusal())
        .contains(": default_time_to_live is 60, not 0, so Cassandra lets cells expire; ")
        .contains("; gc_grace_seconds is 864000, not 2147483647, so Cassandra forgets deletions. ")
        .contains("-e 'DROP TABLE %s' && foldlog provision".formatted(table));
  }

  @Test
  void shouldReportAllDifferencesTogether() {
    recreate(columns("text", "id uuid PRIMARY KEY"), " WITH default_time_to_live = 60");
    alter("DROP phone");
    alter("DROP nationality");
    alter("ADD extra int");

    assertThat(refusal())
        .contains(": dob is text, not timestamp; registered_date is text, not timestamp; phone was")
        .contains("; and 4 more. ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PRIMARY KEY (id, nationality)", "PRIMARY KEY ((id, nationality))"})
  void shouldRejectATableWithAnotherPrimaryKey(String key) {
    String other = "other bigint" + (key.contains("((") ? "" : " static");
    recreate(columns(null, "id uuid", other, key), " WITH gc_grace_seconds = 2147483647");

    assertThat(refusal()).contains(": its primary key is not id. ").contains("cassandra.keyspace");
  }

  @Test
  void shouldAcceptAdditionalColumnsAndOtherOptions() throws Exception {
    admin.execute(
        "CREATE TYPE IF NOT EXISTS %s.note (text text, tags set<text>)".formatted(view.keyspace()));
    alter(
        "ADD (notes list<frozen<note>>, labels set<text>, scores map<text, int>, pair tuple<int, text>, "
            + "embedding vector<float, 3>, spell duration, \"First_Name\" blob, gone int)");
    alter("DROP gone");
    alter("DROP labels");
    alter("ADD labels set<text>");
    alter(
        """
        WITH compaction = {'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': 64}
          AND compression = {'class': 'ZstdCompressor'} AND caching = {'keys': 'NONE'}
          AND cdc = true AND comment = 'ours' AND speculative_retry = 'NEVER'
          AND bloom_filter_fp_chance = 0.1 AND min_index_interval = 256""");
    admin.execute("CREATE INDEX ON %s (city)".formatted(table));
    admin.execute("CREATE INDEX ON %s (values(scores)) USING 'sai'".formatted(table));
    admin.execute(
        "CREATE TABLE IF NOT EXISTS %s.\"Created_Users\" (id text PRIMARY KEY)"
            .formatted(view.keyspace()));
    UUID userId = UUID.randomUUID();

    view.provision();
    try (CqlSession session = view.session(TestView.WRITER)) {
      UserViewWriter writer = view.writer(session);
      writer.write(TestEvents.profile(userId, TestEvents.NOON, "Ada"), "users_created", 0, 1, 0);
      writer.awaitAll();
      admin.execute(
          "UPDATE %s SET labels = {'vip'}, spell = 1h, scores = {'a': 1}, \"First_Name\" = 0x00 WHERE id = %s"
              .formatted(table, userId));

      assertThat(view.rows(session)).containsOnlyKeys(userId);
      assertThat(view.rows(session).get(userId).writetime(UserField.FIRST_NAME))
          .isEqualTo(TestEvents.NOON);
      assertThat(session.execute("SELECT * FROM " + table).one().getSet("labels", String.class))
          .containsExactly("vip");
    }
  }

  @Test
  void shouldProvisionTheTableAgainAfterItWasDropped() throws Exception {
    try (CqlSession writer = view.session(TestView.WRITER)) {
      new RepairedUsers(writer, view.keyspace()).record(UUID.randomUUID(), "run-1");
    }
    admin.execute("DROP TABLE " + table);

    view.provision();

    try (CqlSession reader = view.session(TestView.READER)) {
      assertThat(view.rows(reader)).isEmpty();
      assertThat(new RepairedUsers(reader, view.keyspace()).all())
          .as("users whose cells are gone")
          .isEmpty();
      reader.execute("SELECT id FROM %s WHERE email = 'a@b.c'".formatted(table));
    }
  }

  @ParameterizedTest
  @CsvSource({"uuid, ''", "text, ', dob text'"})
  void shouldReportTheCommandsThatMoveATableOfTextIntoTheLog(String id, String more)
      throws Exception {
    admin.execute("DROP TABLE " + table);
    admin.execute(
        """
        CREATE TABLE %s (id %s PRIMARY KEY, first_name text, last_name text, gender text,
          address text, post_code text, email text, username text, registered_date text, phone text,
          picture text%s)"""
            .formatted(table, id, more));

    assertThat(refusal())
        .startsWith("The table %s has only text columns, so another program".formatted(table))
        .contains("-e 'CONSISTENCY ALL; SELECT JSON * FROM %s' > ".formatted(table))
        .contains(" && foldlog produce --source file --file ")
        .contains("-e 'DROP TABLE %s' && foldlog provision. ".formatted(table))
        .contains("speed-layer.checkpoint");
    PipelineException provisioning =
        catchThrowableOfType(PipelineException.class, () -> view.provision());
    assertThat(provisioning).hasMessage(refusal());
  }

  private static void alter(String change) {
    admin.execute("ALTER TABLE %s %s".formatted(table, change));
  }

  private static void recreate(List<String> columns, String options) {
    admin.execute("DROP TABLE " + table);
    admin.execute("CREATE TABLE %s (%s)%s".formatted(table, String.join(", ", columns), options));
  }

  /** The id, the fields of {@link UserField} with the given or their own type, and what follows. */
  private static List<String> columns(String type, String id, String... more) {
    List<String> columns =
        UserField.all().stream()
            .map(field -> field.columnName() + " " + (type == null ? field.type().cqlName() : type))
            .collect(Collectors.toList());
    columns.add(0, id);
    columns.addAll(List.of(more));
    return columns;
  }

  private static String refusal() {
    return refusal(TestView.ADMIN);
  }

  private static String refusal(ViewCredentials role) {
    try (CqlSession session = view.session(role)) {
      PipelineException refusal =
          catchThrowableOfType(
              PipelineException.class, () -> ViewTable.in(view.keyspace()).require(session));
      assertThat(refusal).as("a PipelineException").isNotNull();
      assertThat(refusal.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR);
      return refusal.getMessage();
    }
  }
}
