package io.foldlog.batch;

import io.foldlog.batch.lake.LakeLease;
import io.foldlog.lake.LakeSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;

/** The command {@code preflight}. */
@Command(
    name = "preflight",
    description = "Checks that the lake is writable and that its lease can be taken.")
final class PreflightCommand implements ApplicationCommand {

  /**
   * The result of the check.
   *
   * @param writableLake the root of the lake
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
