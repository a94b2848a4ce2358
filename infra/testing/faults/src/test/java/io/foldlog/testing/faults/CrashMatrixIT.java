package io.foldlog.testing.faults;

import io.foldlog.testing.scenarios.Proof;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills and freezes processes under load, with a transactional producer among the load. The view
 * must equal the fold of the log after each fault.
 */
@Tag("fault")
class CrashMatrixIT {

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path folder;

  @Test
  void shouldKeepViewEqualToFoldAfterKillsAndFreezes() throws Exception {
    Proof proof = Proof.section("20-crashes", "Crashes");
    Random random = new Random(Proof.SEED);
    List<Fault> faults = FaultPlan.of(Proof.size("kills", 5), random);
    proof.addLine(
        "seed %d: %d faults, in which %d processes are killed",
        Proof.SEED, faults.size(), faults.stream().mapToLong(Fault::killCount).sum());
    System.out.printf(
        "The output of all processes is in %s. It is kept after a failure.%n", folder);
    try (CrashTestEnvironment environment = new CrashTestEnvironment(folder, random)) {
      for (int number = 1; number <= faults.size(); number++) {
        Fault fault = faults.get(number - 1);
        System.out.printf("fault %d of %d: %s%n", number, faults.size(), fault);
        long start = System.nanoTime();
        String result =
            environment.inject(number, fault, number < faults.size() && random.nextInt(3) == 0);
        proof.addLine(
            "%d. %s: %s, %.1f s",
            number, fault, result, Duration.ofNanos(System.nanoTime() - start).toMillis() / 1e3);
      }
    }
    proof.addLine(
        "After each: archive = log, view = fold, acknowledged events and dead letters there");
  }
}
