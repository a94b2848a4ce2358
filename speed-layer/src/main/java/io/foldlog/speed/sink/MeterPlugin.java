package io.foldlog.speed.sink;

import io.foldlog.speed.meters.ExecutorMeters;
import io.foldlog.speed.meters.MeterGauges;
import io.foldlog.speed.meters.MeterReport;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the meters of all queries from the executors to the driver once a second, because Spark
 * reports no progress in continuous mode. At the end of an executor it closes the executor's
 * contexts. The meters of a speed layer need this class in {@code spark.plugins}.
 */
public final class MeterPlugin implements SparkPlugin {

  private static final Logger LOG = LoggerFactory.getLogger(MeterPlugin.class);

  @Override
  public DriverPlugin driverPlugin() {
    return new Driver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Executor();
  }

  private static final class Driver implements DriverPlugin {
    @Override
    public Object receive(Object message) {
      MeterReport report = (MeterReport) message;
      QueryContext.find(report.query()).ifPresent(query -> query.meters().add(report));
      return null;
    }
  }

  private static final class Executor implements ExecutorPlugin {
    private final ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "meter-report");
              thread.setDaemon(true);
              return thread;
            });

    @Override
    public void init(PluginContext context, Map<String, String> extraConf) {
      MeterGauges.register(context.metricRegistry(), ExecutorContext::allMeters);
      timer.scheduleAtFixedRate(() -> report(context), 1, 1, TimeUnit.SECONDS);
    }

    private static void report(PluginContext context) {
      for (ExecutorMeters meters : ExecutorContext.allMeters()) {
        MeterReport report = meters.report();
        if (!report.isEmpty()) {
          send(context, report);
        }
      }
    }

    private static void send(PluginContext context, MeterReport report) {
      try {
        context.send(report);
      } catch (IOException | RuntimeException failure) {
        LOG.warn("event=meters_lost query={}", report.query(), failure);
      }
    }

    @Override
    public void shutdown() {
      timer.shutdown();
      ExecutorContext.closeAll();
    }
  }
}
