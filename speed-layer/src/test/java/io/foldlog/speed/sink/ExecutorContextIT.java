package io.foldlog.speed.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.speed.SpeedLayerInProcess;
import org.junit.jupiter.api.Test;

class ExecutorContextIT {

  @Test
  void shouldNotOpenContextAfterEndOfQuery() {
    SpeedLayerInProcess.spark();

    assertThatThrownBy(() -> ExecutorContext.of(SinkSettingsTest.settings("ended")))
        .hasMessage("The query ended has ended");
    assertThat(ExecutorContext.allMeters()).isEmpty();
  }
}
