package io.foldlog.testing.bench;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.runtime.Application;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.Settings;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/**
 * The process that measures visibility. Each line of standard input requests one measurement:
 * {@code round from count start-instant interval-nanos}. The response is one line: the sorted
 * delays in µs.
 */
@Command(
    name = "visibility-reader",
    description = "Measures when users become visible in the view.")
public final class VisibilityReader implements ApplicationCommand {

  public static void main(String[] arguments) {
    Application.main(new VisibilityReader(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Settings settings = context.settings();
    BenchSettings bench = new BenchSettings(settings);
    try (CqlSession session = bench.readerSession();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Visibility visibility = new Visibility(session, bench.keyspace());
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] request = line.split(" ");
        long[] delays =
            visibility.delays(
                Integer.parseInt(request[0]),
                Long.parseLong(request[1]),
                Long.parseLong(request[2]),
                Instant.parse(request[3]),
                Duration.ofNanos(Long.parseLong(request[4])));
        context
            .out()
            .println(
                Arrays.stream(delays).mapToObj(Long::toString).collect(Collectors.joining(" ")));
      }
    }
    return ApplicationOutcome.success();
  }
}
