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
 * A reader process of its own. Each line of standard input asks for one measurement: {@code round
 * from count start-instant pace-in-nanoseconds}; the answer is a line of the sorted delays in µs.
 */
@Command(name = "visibility-reader", description = "Measures when users show in the view.")
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
        String[] asked = line.split(" ");
        long[] delays =
            visibility.delays(
                Integer.parseInt(asked[0]),
                Long.parseLong(asked[1]),
                Long.parseLong(asked[2]),
                Instant.parse(asked[3]),
                Duration.ofNanos(Long.parseLong(asked[4])));
        context
            .out()
            .println(
                Arrays.stream(delays).mapToObj(Long::toString).collect(Collectors.joining(" ")));
      }
    }
    return ApplicationOutcome.success();
  }
}
