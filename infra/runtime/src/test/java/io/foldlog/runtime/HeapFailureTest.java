package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.contract.PipelineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeapFailureTest {

  @ParameterizedTest
  @ValueSource(strings = {"Java heap space", "GC overhead limit exceeded"})
  void shouldReportHeapSizeAndRemedyForANestedOutOfMemoryError(String reason) {
    Throwable thrown =
        new IllegalStateException("a task failed", new Exception(new OutOfMemoryError(reason)));

    PipelineException failure = HeapFailure.of(thrown, "this ran", "Give it more.").orElseThrow();

    assertThat(failure.kind()).isEqualTo(PipelineException.Kind.RESOURCE_EXHAUSTED);
    assertThat(failure)
        .hasMessageMatching(
            "The heap of \\d+ MiB was too small while this ran \\("
                + reason
                + "\\)\\. Give it more\\.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Metaspace",
        "Compressed class space",
        "Cannot reserve 65536 bytes of direct buffer memory",
        "unable to create native thread: possibly out of memory or process/resource limits reached"
      })
  void shouldIgnoreOutOfMemoryErrorsOfOtherMemory(String reason) {
    assertThat(HeapFailure.of(new OutOfMemoryError(reason), "this ran", "Give it more.")).isEmpty();
  }

  @Test
  void shouldIgnoreOtherExceptionsAndErrorsWithoutAMessage() {
    assertThat(HeapFailure.of(new IllegalStateException("Java heap space"), "this ran", "More."))
        .isEmpty();
    assertThat(HeapFailure.of(new OutOfMemoryError(), "this ran", "More.")).isEmpty();
  }
}
