package io.foldlog.application;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A main for {@link ApplicationTest} to run as a process of its own. */
@Command(name = "sample", subcommands = SampleCommand.Topic.class)
public final class SampleCommand implements ApplicationCommand {
  enum Ending {
    DONE,
    REFUSED,
    UNAVAILABLE,
    BUG,
    WAIT,
    LOSE_ON_STOP,
    NEVER
  }

  @Option(names = "--end")
  private Ending end = Ending.DONE;

  public static void main(String[] arguments) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hooks ran")));
    Application.main(new SampleCommand(), arguments);
  }

  @Override
  public ExitStatus run(Settings settings, StopSignal stop) throws Exception {
    System.out.println("started");
    switch (end) {
      case DONE -> {}
      case REFUSED -> throw PipelineException.refused("One sentence.");
      case UNAVAILABLE -> throw PipelineException.unavailable("Nobody answered.", null);
      case BUG -> throw new IllegalStateException("unforeseen");
      case WAIT -> stop.await();
      case LOSE_ON_STOP -> {
        stop.await();
        return ExitStatus.UNAVAILABLE;
      }
      case NEVER -> Thread.sleep(Duration.ofMinutes(5).toMillis());
    }
    System.out.println("ended in order");
    return ExitStatus.DONE;
  }

  /** A sub-command that shows what it was given. */
  @Command(name = "topic")
  static final class Topic implements ApplicationCommand {
    @Parameters(arity = "0..1", defaultValue = "nothing")
    private String said;

    @Override
    public ExitStatus run(Settings settings, StopSignal stop) {
      System.out.println(said + " " + KafkaSettings.from(settings).topic());
      return ExitStatus.DONE;
    }
  }
}
