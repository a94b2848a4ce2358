package io.foldlog.producer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedTest {

  /** These values never change, because earlier runs must stay reproducible. */
  @ParameterizedTest
  @CsvSource({
    "seed, 19b25856e1c150ca",
    "manual__2026-11-30, 0436d684a3437401",
    "Z\u00fcrich \u5317\u4eac \ud83d\ude00, 5ee4b87eeab194d8",
  })
  void shouldDeriveTheSeedOfTheApiFromTheText(String text, String apiSeed) {
    assertThat(new Seed(text).forApi(0)).isEqualTo(apiSeed);
  }

  @Test
  void shouldDeriveAnotherSeedForEachPart() {
    Seed seed = new Seed("seed");
    assertThat(seed.forApi(0)).isNotEqualTo(seed.forApi(1));
    assertThat(seed.forApi(1)).hasSize(16);
  }

  @Test
  void shouldHaveAnotherTextForEachRunWithoutASeed() {
    assertThat(Seed.random()).isNotEqualTo(Seed.random());
  }
}
