package io.foldlog.local.servers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A command whose process ends with this one, even when this one is killed: a tiny shell beside it
 * waits for the end of a pipe that only this process holds. The process's id is the command's own.
 *
 * <p>To end it in order, signal its {@link Process#toHandle handle}: {@link Process#destroy} ends
 * the pipe too, and the watcher kills at once.
 */
public final class GuardedCommand {

  /** Turns into the command, after leaving a watcher that kills it once the pipe has ended. */
  private static final String GUARD =
      """
      exec 3<&0
      server=$$
      ( while read -r line; do :; done <&3; kill -KILL $server ) >/dev/null 2>&1 &
      exec 3<&- </dev/null
      exec "$@"
      """;

  private GuardedCommand() {}

  /** A builder of the process; its standard input is taken, all else is the caller's to set. */
  public static ProcessBuilder of(List<String> command) {
    List<String> guarded = new ArrayList<>(List.of("sh", "-c", GUARD, "guard"));
    guarded.addAll(command);
    return new ProcessBuilder(guarded);
  }

  /** Starts it; the watcher ends with it. */
  public static Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    process.onExit().thenAccept(GuardedCommand::releaseWatcher);
    return process;
  }

  private static void releaseWatcher(Process ended) {
    try {
      ended.getOutputStream().close();
    } catch (IOException alreadyBroken) {
      // the watcher is gone as well
    }
  }
}
