package io.foldlog.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TimeSpanTest {

  @ParameterizedTest
  @CsvSource({"5, 5000", "0, 0", "1.5, 1500", "500ms, 500", "2m, 120000", "1 hour, 3600000"})
  void shouldReadSecondsAndTimeSpans(String text, long millis) {
    assertThat(new TimeSpan().convert(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-5", "-5s", "5 fortnights"})
  void shouldRejectTextThatIsNotATimeSpan(String text) {
    assertThatThrownBy(() -> new TimeSpan().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("'%s' is not a time span such as 5, 500ms or 2m".formatted(text));
  }
}
