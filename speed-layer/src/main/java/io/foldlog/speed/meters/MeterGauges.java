package io.foldlog.speed.meters;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Collection;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** Gauges for Spark's metrics sinks: the sums of the meters of all queries in one JVM. */
public final class MeterGauges {

  private final Supplier<Collection<ExecutorMeters>> meters;

  private MeterGauges(Supplier<Collection<ExecutorMeters>> meters) {
    this.meters = meters;
  }

  /**
   * Registers a gauge for each meter.
   *
   * @param meters returns the meters of the running queries
   */
  public static void register(
      MetricRegistry registry, Supplier<Collection<ExecutorMeters>> meters) {
    MeterGauges gauges = new MeterGauges(meters);
    registry.register("in", gauges.sum(ExecutorMeters::in));
    registry.register("written", gauges.sum(ExecutorMeters::written));
    registry.register("rejected", gauges.sum(ExecutorMeters::rejectedRecords));
    registry.register("retried", gauges.sum(ExecutorMeters::retriedWrites));
    registry.register("unknown-members", gauges.sum(ExecutorMeters::unknownMembers));
    registry.register("delay-p50-ms", (Gauge<Long>) () -> gauges.delays().p50Millis());
    registry.register("delay-p99-ms", (Gauge<Long>) () -> gauges.delays().p99Millis());
  }

  private Gauge<Long> sum(ToLongFunction<ExecutorMeters> meter) {
    return () -> meters.get().stream().mapToLong(meter).sum();
  }

  private DelaySummary delays() {
    Histogram sum = ExecutorMeters.newHistogram();
    meters.get().forEach(each -> each.addReportedDelaysTo(sum));
    return DelaySummary.of(sum);
  }
}
