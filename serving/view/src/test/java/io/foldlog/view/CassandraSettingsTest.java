package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.runtime.Settings;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CassandraSettingsTest {

  @Test
  void shouldMapTheDefaults() {
    CassandraSettings cassandra = settings("");
    assertThat(cassandra.contactPoints()).containsExactly("127.0.0.1");
    assertThat(cassandra.port()).isEqualTo(9042);
    assertThat(cassandra.replication()).isEqualTo(Map.of("datacenter1", 1));
    assertThat(cassandra.writer().user()).isEqualTo("pipeline_writer");
  }

  @Test
  void shouldRequireAPasswordFileForAConnection() {
    CassandraSettings cassandra = settings("");
    assertThatThrownBy(() -> cassandra.connection(cassandra.reader()))
        .hasMessageContaining("The setting cassandra.reader.password-file is blank");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cassandra.replication = [\"dc1:none\"] | as datacenter1:3",
        "cassandra.contact-points = [] | must name at least one host",
        "cassandra.keyspace = \"Spark;\" | the setting cassandra.keyspace is",
        "cassandra.writer.user = \"A\" | the setting cassandra.writer.user is",
      })
  void shouldRejectInvalidValues(String text, String rule) {
    assertThatThrownBy(() -> settings(text)).hasMessageContaining(rule);
  }

  private static CassandraSettings settings(String text) {
    return CassandraSettings.from(Settings.of(text));
  }
}
