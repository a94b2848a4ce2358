package io.foldlog.testing.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TestNamesTest {

  @Test
  void shouldReturnUniqueNamesThatAreValidInKafkaAndCassandra() {
    assertThat(Stream.generate(() -> TestNames.unique("archive")).limit(100))
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("archive_[0-9a-f]{8}"));
    assertThat(TestNames.unique("a".repeat(39))).hasSize(48);
  }

  @Test
  void shouldRejectPrefixThatIsNotValidInKeyspaceName() {
    assertThatThrownBy(() -> TestNames.unique("batch-1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
