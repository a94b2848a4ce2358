package io.foldlog.speed;

import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder.CreateTime;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.Application;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.runtime.StartupTimeout;
import io.foldlog.view.CassandraSettings;
import java.util.function.Function;
import picocli.CommandLine.Command;

/** The application that runs a {@link StreamingPipeline} and maps its result to an exit status. */
@Command(
    name = StreamingPipeline.LAYER,
    description = "Writes every event of the log into the view as it arrives, until SIGTERM.")
public final class SpeedLayer implements ApplicationCommand {

  private final SparkSessionSource spark;
  private final Function<CreateTime, DecodeRules> rules;

  /** With a dedicated Spark session and the current decode rules. */
  public SpeedLayer() {
    this(SparkSessionSource.own());
  }

  /** With the current decode rules. */
  public SpeedLayer(SparkSessionSource spark) {
    this(spark, DecodeRules::current);
  }

  /**
   * With the given Spark session and decode rules.
   *
   * @param rules returns the decode rules for the treatment of {@code CreateTime} records
   */
  public SpeedLayer(SparkSessionSource spark, Function<CreateTime, DecodeRules> rules) {
    this.spark = spark;
    this.rules = rules;
  }

  public static void main(String[] arguments) {
    Application.main(new SpeedLayer(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    KafkaSettings kafka = KafkaSettings.from(context.settings());
    StreamingPipeline pipeline =
        new StreamingPipeline(
            SpeedLayerSettings.from(context.settings()),
            kafka,
            CassandraSettings.from(context.settings()),
            spark,
            rules.apply(kafka.createTime()),
            new StartupTimeout(context.settings().startupTimeout(), context.stop()),
            context.clock());
    try (spark) {
      SpeedLayerResult result = pipeline.run();
      return ApplicationOutcome.of(status(result.ending()), result.message(), result);
    }
  }

  private static ExitStatus status(SpeedLayerResult.Ending ending) {
    return switch (ending) {
      case STOP_REQUESTED -> ExitStatus.SUCCESS;
      case USAGE_ERROR -> ExitStatus.USAGE_ERROR;
      case STATE_MISMATCH -> ExitStatus.STATE_MISMATCH;
      case UNAVAILABLE -> ExitStatus.UNAVAILABLE;
      case RESOURCE_EXHAUSTED -> ExitStatus.RESOURCE_EXHAUSTED;
    };
  }
}
