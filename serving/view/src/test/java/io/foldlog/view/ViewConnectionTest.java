package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.contract.PipelineException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ViewConnectionTest {

  @Test
  void shouldRejectAKeyspaceThatIsAReservedWord() {
    assertThatThrownBy(() -> to("order"))
        .isInstanceOfSatisfying(
            PipelineException.class,
            failure -> assertThat(failure.kind()).isEqualTo(PipelineException.Kind.USAGE_ERROR))
        .hasMessage(
            "The keyspace order is a reserved keyword of CQL. Set cassandra.keyspace to another name.");
  }

  @Test
  void shouldListEveryHostWithThePort() {
    assertThat(to("spark_streams").hosts()).isEqualTo("one:9042, two:9042");
  }

  private static ViewConnection to(String keyspace) {
    return ViewConnection.to(
        List.of("one", "two"),
        9042,
        "datacenter1",
        keyspace,
        new ViewCredentials("pipeline_reader", "word"),
        Optional.empty());
  }
}
