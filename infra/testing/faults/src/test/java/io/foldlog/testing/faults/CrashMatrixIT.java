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

/** Processes are killed and frozen under load, and the promise holds after each. */
@Tag("fault")
class CrashMatrixIT {

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path folder;

  @Test
  void shouldKeepThePromiseWhateverIsKilledOrFrozen() throws Exception {
    Proof proof = Proof.section("20-crashes", "Crashes");
    Random random = new Random(Proof.SEED);
    List<Fault> faults = FaultPlan.of(Proof.size("kills", 5), random);
    proof.say(
        "seed %d: %d faults, in which %d processes are killed",
        Proof.SEED, faults.size(), faults.stream().mapToLong(Fault::killCount).sum());
    System.out.printf("What everybody says is in %s, and stays there after a failure%n", folder);
    try (CrashSite site = new CrashSite(folder, random)) {
      for (int number = 1; number <= faults.size(); number++) {
        Fault fault = faults.get(number - 1);
        System.out.printf("fault %d of %d: %s%n", number, faults.size(), fault);
        long start = System.nanoTime();
        String found = site.inject(number, fault);
        proof.say(
            "%d. %s: %s, %.1f s",
            number, fault, found, Duration.ofNanos(System.nanoTime() - start).toMillis() / 1e3);
      }
    }
    proof.say("After each: archive = log, view = fold, acknowledged events and dead letters there");
  }
}
