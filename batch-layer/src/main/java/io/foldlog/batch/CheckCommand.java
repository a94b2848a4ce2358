package io.foldlog.batch;

import io.foldlog.application.ApplicationCommand;
import io.foldlog.application.ExitStatus;
import io.foldlog.application.Settings;
import io.foldlog.application.StopSignal;
import io.foldlog.batch.lake.LakeLease;
import picocli.CommandLine.Command;

/** Looks whether the lake will do. */
@Command(
    name = "check",
    description = "Looks whether the lake can be written, by one run at a time.")
final class CheckCommand implements ApplicationCommand {

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) {
    LakeSettings lake = LakeSettings.from(settings);
    try (LakeLease lease = LakeLease.take(lake.root(), lake.configuration(), "check")) {
      lease.require();
    }
    System.out.printf("lake: %s can be written, by one run at a time%n", lake.root());
    return ExitStatus.DONE;
  }
}
