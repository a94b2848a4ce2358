package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.testing.faults.Fault.FaultType;
import io.foldlog.testing.faults.Fault.Role;
import io.foldlog.testing.faults.FaultPlan.BatchPoint;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

  private static final long SEED = 20_261_124L;

  @Test
  void shouldKillEachClassOnceWithFiveKills() {
    for (long seed = SEED; seed < SEED + 50; seed++) {
      List<Fault> faults = FaultPlan.of(5, new Random(seed));
      assertThat(faults).hasSize(5).allMatch(fault -> fault.actions().size() == 1);
      assertThat(faults).extracting(Fault::killCount).containsOnly(1L);
      for (Role role : List.of(Role.PRODUCER, Role.KAFKA, Role.CASSANDRA, Role.BATCH)) {
        assertThat(faults).filteredOn(fault -> fault.hits(role)).hasSize(1);
      }
      assertThat(faults)
          .filteredOn(fault -> fault.hits(Role.CONTINUOUS) || fault.hits(Role.MICRO_BATCH))
          .hasSize(1);
    }
  }

  @Test
  void shouldHaveAsManyKillsAsWanted() {
    for (int kills = 5; kills < 80; kills++) {
      List<Fault> faults = FaultPlan.of(kills, new Random(SEED));
      long sum = faults.stream().mapToLong(Fault::killCount).sum();
      assertThat(sum).isGreaterThanOrEqualTo(kills);
      assertThat(sum - faults.get(faults.size() - 1).killCount()).isLessThan(kills);
    }
  }

  @Test
  void shouldKillAndFreezeEverybodyAndBlowServersAndLayersTogetherInAHundred() {
    List<Fault> faults = FaultPlan.of(100, new Random(SEED));
    for (Role role : Role.values()) {
      for (FaultType type : FaultType.values()) {
        assertThat(faults).contains(Fault.single(role, type));
      }
    }
    assertThat(faults).filteredOn(fault -> fault.actions().size() > 1).hasSizeGreaterThan(5);
  }

  @Test
  void shouldCutOffAtEveryPointInTwoHundred() {
    for (long seed = SEED; seed < SEED + 50; seed++) {
      assertThat(FaultPlan.of(200, new Random(seed)))
          .flatExtracting(Fault::cutOffs)
          .containsExactlyInAnyOrderElementsOf(
              FaultPlan.BATCH_POINTS.stream().map(BatchPoint::name).toList());
    }
  }

  @Test
  void shouldCutOffInTheOrderInWhichARunComesByThePoints() {
    List<String> points = FaultPlan.BATCH_POINTS.stream().map(BatchPoint::name).toList();
    assertThat(FaultPlan.of(200, new Random(SEED)))
        .extracting(Fault::cutOffs)
        .anySatisfy(cutOffs -> assertThat(cutOffs).hasSize(3))
        .allSatisfy(
            cutOffs ->
                assertThat(cutOffs).isSortedAccordingTo(Comparator.comparing(points::indexOf)));
  }

  @Test
  void shouldGiveTheSameFaultsForTheSameSeed() {
    assertThat(FaultPlan.of(200, new Random(SEED)))
        .isEqualTo(FaultPlan.of(200, new Random(SEED)))
        .isNotEqualTo(FaultPlan.of(200, new Random(SEED + 1)));
  }
}
