package io.foldlog.local.servers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A command whose process ends with this JVM, even when this JVM is killed. A small watcher shell
 * reads a pipe that only this JVM keeps open, and kills the command at its end. The process id is
 * that of the command.
 *
 * <p>To send SIGTERM, use the process's {@link Process#toHandle handle}. {@link Process#destroy}
 * also closes the pipe, so the watcher kills the command at once.
 */
public final class GuardedCommand {

  /** Starts a watcher that kills the command at the end of the pipe, then executes the command. */
  private static final String GUARD =
      """
      exec 3<&0
      server=$$
      ( while read -r line; do :; done <&3; kill -KILL $server ) >/dev/null 2>&1 &
      exec 3<&- </dev/null
      exec "$@"
      """;

  private GuardedCommand() {}

  /** A builder of the process. Its standard input is the pipe; the caller may set all else. */
  public static ProcessBuilder of(List<String> command) {
    List<String> guarded = new ArrayList<>(List.of("sh", "-c", GUARD, "guard"));
    guarded.addAll(command);
    return new ProcessBuilder(guarded);
  }

  /** Starts the command. The watcher ends with the command. */
  public static Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    process.onExit().thenAccept(GuardedCommand::releaseWatcher);
    return process;
  }

  private static void releaseWatcher(Process ended) {
    try {
      ended.getOutputStream().close();
    } catch (IOException alreadyBroken) {
      // the watcher has ended too
    }
  }
}
