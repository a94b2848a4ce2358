package io.foldlog.batch;

import io.foldlog.batch.lake.LakeLease;
import io.foldlog.lake.LakeSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import picocli.CommandLine.Command;

/** Looks whether the lake will do. */
@Command(
    name = "check",
    description = "Looks whether the lake can be written, by one run at a time.")
final class CheckCommand implements ApplicationCommand {

  @Override
  public ApplicationOutcome run(ApplicationContext context) {
    LakeSettings lake = LakeSettings.from(context.settings());
    try (LakeLease lease = LakeLease.take(lake, "check", context.clock().instant())) {
      lease.require();
    }
    context.out().printf("lake: %s can be written, by one run at a time%n", lake.root());
    return ApplicationOutcome.success();
  }
}
