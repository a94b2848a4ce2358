package io.foldlog.testing.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.testing.faults.Fault.FaultType;
import io.foldlog.testing.faults.Fault.TargetType;
import io.foldlog.testing.faults.FaultPlan.BatchPoint;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

  private static final long SEED = 20_261_124L;

  @Test
  void shouldKillEachKindOfTargetOnceInPlanOfFiveKills() {
    for (long seed = SEED; seed < SEED + 50; seed++) {
      List<Fault> faults = FaultPlan.of(5, new Random(seed));
      assertThat(faults).hasSize(5).allMatch(fault -> fault.actions().size() == 1);
      assertThat(faults).extracting(Fault::killCount).containsOnly(1L);
      for (TargetType target :
          List.of(TargetType.PRODUCER, TargetType.KAFKA, TargetType.CASSANDRA, TargetType.BATCH)) {
        assertThat(faults).filteredOn(fault -> fault.affects(target)).hasSize(1);
      }
      assertThat(faults)
          .filteredOn(
              fault ->
                  fault.affects(TargetType.CONTINUOUS) || fault.affects(TargetType.MICRO_BATCH))
          .hasSize(1);
    }
  }

  @Test
  void shouldContainRequestedNumberOfKills() {
    for (int kills = 5; kills < 80; kills++) {
      List<Fault> faults = FaultPlan.of(kills, new Random(SEED));
      long sum = faults.stream().mapToLong(Fault::killCount).sum();
      assertThat(sum).isGreaterThanOrEqualTo(kills);
      assertThat(sum - faults.get(faults.size() - 1).killCount()).isLessThan(kills);
    }
  }

  @Test
  void shouldKillAndFreezeEachTargetAndContainSequencesInPlanOfHundredKills() {
    List<Fault> faults = FaultPlan.of(100, new Random(SEED));
    for (TargetType target : TargetType.values()) {
      for (FaultType type : FaultType.values()) {
        assertThat(faults).contains(Fault.single(target, type));
      }
    }
    assertThat(faults).filteredOn(fault -> fault.actions().size() > 1).hasSizeGreaterThan(5);
  }

  @Test
  void shouldHaltAtEachFaultPointInPlanOfTwoHundredKills() {
    for (long seed = SEED; seed < SEED + 50; seed++) {
      assertThat(FaultPlan.of(200, new Random(seed)))
          .flatExtracting(Fault::haltPoints)
          .containsExactlyInAnyOrderElementsOf(
              FaultPlan.BATCH_POINTS.stream().map(BatchPoint::name).toList());
    }
  }

  @Test
  void shouldHaltInTheOrderInWhichARunReachesTheFaultPoints() {
    List<String> points = FaultPlan.BATCH_POINTS.stream().map(BatchPoint::name).toList();
    assertThat(FaultPlan.of(200, new Random(SEED)))
        .extracting(Fault::haltPoints)
        .anySatisfy(haltPoints -> assertThat(haltPoints).hasSize(3))
        .allSatisfy(
            haltPoints ->
                assertThat(haltPoints).isSortedAccordingTo(Comparator.comparing(points::indexOf)));
  }

  @Test
  void shouldReturnSameFaultsForSameSeed() {
    assertThat(FaultPlan.of(200, new Random(SEED)))
        .isEqualTo(FaultPlan.of(200, new Random(SEED)))
        .isNotEqualTo(FaultPlan.of(200, new Random(SEED + 1)));
  }
}
