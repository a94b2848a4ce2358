package io.foldlog.speed.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.speed.TestSpark;
import org.junit.jupiter.api.Test;

class ExecutorContextIT {

  @Test
  void shouldOpenNothingForATaskThatOutlivesItsQuery() {
    TestSpark.session();

    assertThatThrownBy(() -> ExecutorContext.of(SinkSettingsTest.settings("ended")))
        .hasMessage("The query ended has ended");
    assertThat(ExecutorContext.allMeters()).isEmpty();
  }
}
