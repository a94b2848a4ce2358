package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.PipelineException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExitStatusTest {
  @Test
  void shouldKeepTheCodesThatOrchestrationActsOn() {
    assertThat(Arrays.stream(ExitStatus.values()).map(ExitStatus::code))
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 130, 143);
    assertThat(Arrays.stream(ExitStatus.values()).filter(ExitStatus::isRetryable))
        .containsExactly(ExitStatus.UNAVAILABLE, ExitStatus.INTERRUPTED, ExitStatus.TERMINATED);
  }

  @ParameterizedTest
  @EnumSource
  void shouldMapEveryFailureKindToTheStatusOfTheSameName(PipelineException.Kind kind) {
    assertThat(ExitStatus.of(kind).name()).isEqualTo(kind.name());
  }
}
