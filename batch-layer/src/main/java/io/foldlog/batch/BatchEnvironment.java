package io.foldlog.batch;

import io.foldlog.batch.faultpoint.FaultPoints;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import java.util.Objects;
import java.util.function.Function;

/**
 * What the batch layer runs in, apart from its settings.
 *
 * @param spark where each run gets its session from
 * @param rules of decoding, by what is done with producers' timestamps
 * @param faultPoints what happens at the places that a test may name
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

  /** That of a process: a Spark for each run, and this release's rules. */
  public static BatchEnvironment ofProcess() {
    return new BatchEnvironment(
        SparkSource.ofProcess(), DecodeRules::current, FaultPoints.ofProcess());
  }

  /** The same with other rules. */
  public BatchEnvironment withRules(Function<EventDecoder.CreateTime, DecodeRules> other) {
    return new BatchEnvironment(spark, other, faultPoints);
  }

  /** The same with other fault points. */
  public BatchEnvironment withFaultPoints(FaultPoints other) {
    return new BatchEnvironment(spark, rules, other);
  }
}
