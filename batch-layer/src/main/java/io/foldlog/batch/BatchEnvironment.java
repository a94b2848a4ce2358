package io.foldlog.batch;

import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import java.util.Objects;
import java.util.function.Function;

/**
 * The environment of the batch layer, apart from its settings.
 *
 * @param spark provides the Spark session of each run
 * @param rules the decode rules, by the treatment of {@code CreateTime} records
 * @param faultPoints what happens at fault points
 */
public record BatchEnvironment(
    SparkSource spark,
    Function<EventDecoder.CreateTime, DecodeRules> rules,
    FaultPoints faultPoints) {

  public BatchEnvironment {
    Objects.requireNonNull(spark);
    Objects.requireNonNull(rules);
    Objects.requireNonNull(faultPoints);
  }

  /** The environment of a process: one SparkContext for each run, and the rules of this release. */
  public static BatchEnvironment ofProcess() {
    return new BatchEnvironment(
        SparkSource.ofProcess(), DecodeRules::current, FaultPoints.ofProcess());
  }

  /** Returns this environment with other rules. */
  public BatchEnvironment withRules(Function<EventDecoder.CreateTime, DecodeRules> other) {
    return new BatchEnvironment(spark, other, faultPoints);
  }

  /** Returns this environment with other fault points. */
  public BatchEnvironment withFaultPoints(FaultPoints other) {
    return new BatchEnvironment(spark, rules, other);
  }
}
