package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.UserField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ViewTableTest {

  private final ViewTable table = ViewTable.in("some_keyspace");

  @Test
  void shouldDefineTheColumnsOfUserFieldInTheMigration() {
    String statement =
        ViewMigrations.ALL.get(0).statements(Map.of("keyspace", "some_keyspace")).get(0);
    String columns = statement.substring(statement.indexOf('(') + 1, statement.lastIndexOf(')'));

    List<String> expected = new ArrayList<>(List.of("id uuid PRIMARY KEY"));
    UserField.all()
        .forEach(field -> expected.add(field.columnName() + " " + field.type().cqlName()));
    assertThat(Arrays.stream(columns.split(",")).map(String::strip)).isEqualTo(expected);
  }

  @Test
  void shouldWriteAndReadEveryFieldWithItsWritetime() {
    assertThat(table.insert())
        .startsWith("INSERT INTO some_keyspace.created_users (first_name, last_name, ")
        .contains("last_event_time, id) VALUES (?, ")
        .endsWith(" USING TIMESTAMP ?");
    assertThat(table.insert().chars().filter(letter -> letter == '?'))
        .hasSize(UserField.count() + 2);
    assertThat(table.update())
        .startsWith("UPDATE some_keyspace.created_users USING TIMESTAMP ? SET first_name = ?, ")
        .endsWith("last_event_time = ? WHERE id = ?");
    assertThat(table.delete())
        .isEqualTo("DELETE FROM some_keyspace.created_users USING TIMESTAMP ? WHERE id = ?");
    assertThat(ViewTable.selection())
        .startsWith("id, first_name, writetime(first_name), ttl(first_name), last_name, ");
  }

  @Test
  void shouldRejectAnInvalidKeyspaceName() {
    assertThatThrownBy(() -> ViewTable.in("x; DROP"))
        .hasMessageStartingWith("The keyspace x; DROP must be 1 to 48 lower case letters");
  }

  @Test
  void shouldSplitAScriptIntoStatementsWithoutComments() {
    CqlScript script =
        new CqlScript("x.cql", "-- why; not\nCREATE ${keyspace}.a\n  (b);\nDROP c;\n");

    assertThat(script.statements(Map.of("keyspace", "k")))
        .containsExactly("CREATE k.a\n  (b)", "DROP c");
    assertThatThrownBy(() -> script.statements(Map.of()))
        .hasMessage("x.cql has no value for the placeholder keyspace");
  }

  @Test
  void shouldNotPrintPasswords() {
    assertThat(new ViewCredentials("pipeline_reader", "secret").toString())
        .isEqualTo("pipeline_reader");
  }
}
