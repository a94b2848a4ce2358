package io.foldlog.runtime;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The application that {@link ApplicationTest} runs as a separate process. */
@Command(name = "sample", subcommands = SampleCommand.Topic.class)
public final class SampleCommand implements ApplicationCommand {
  enum Ending {
    SUCCESS,
    RESULT,
    TEXTS,
    USAGE_ERROR,
    UNAVAILABLE,
    INTERNAL_ERROR,
    WAIT,
    FAIL_ON_STOP,
    CANCELLED,
    NEVER
  }

  @Option(names = "--end")
  private Ending end = Ending.SUCCESS;

  record SampleResult(int differingUsers, String of) {}

  public static void main(String[] arguments) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hooks ran")));
    Application.main(new SampleCommand(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    StopSignal stop = context.stop();
    context.out().println("started");
    switch (end) {
      case SUCCESS -> {}
      case RESULT -> {
        return ApplicationOutcome.of(
            ExitStatus.UNRESOLVED_DRIFT, "Some drift is left.", new SampleResult(3, "users"));
      }
      case TEXTS -> context.out().println("%d %s".formatted(9093, "ID".toLowerCase()));
      case USAGE_ERROR -> throw PipelineException.usageError("One sentence.");
      case UNAVAILABLE -> throw PipelineException.unavailable("No server answered.", null);
      case INTERNAL_ERROR -> throw new IllegalStateException("unforeseen");
      case CANCELLED -> throw new CancellationException();
      case WAIT -> stop.await();
      case FAIL_ON_STOP -> {
        stop.await();
        return ApplicationOutcome.of(ExitStatus.UNAVAILABLE);
      }
      case NEVER -> Thread.sleep(Duration.ofMinutes(5).toMillis());
    }
    context.out().println("ended in order");
    return ApplicationOutcome.success();
  }

  /** Prints its argument and a setting. */
  @Command(name = "topic")
  static final class Topic implements ApplicationCommand {
    @Parameters(arity = "0..1", defaultValue = "nothing")
    private String text;

    @Override
    public ApplicationOutcome run(ApplicationContext context) {
      context.out().println(text + " " + context.settings().section("kafka").text("topic"));
      return ApplicationOutcome.success();
    }
  }
}
