package io.foldlog.batch;

import io.foldlog.batch.lake.LakeLease;
import io.foldlog.lake.LakeSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;

/** Checks the lake before its first use. */
@Command(
    name = "preflight",
    description = "Checks that the lake can be written, by one run at a time.")
final class PreflightCommand implements ApplicationCommand {

  /**
   * What was found.
   *
   * @param writableLake the root of the lake that can be written
   */
  record Result(String writableLake) {}

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    LakeSettings lake = LakeSettings.from(context.settings());
    try (LakeLease lease = LakeLease.take(lake, "preflight", context.clock().instant())) {
      lease.require();
    }
    context.out().printf("lake: %s can be written, by one run at a time%n", lake.root());
    return ApplicationOutcome.success(new Result(lake.root()));
  }
}
