package io.foldlog.speed.meters;

import io.foldlog.speed.sink.ViewConnections;
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
 * Carries every executor's meters to the driver once a second, also in continuous mode, which
 * reports no progress of its own; and closes an executor's connections at its end.
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
      DriverMeters.LOCAL.add((MeterReport) message);
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
      ExecutorMeters.LOCAL.register(context.metricRegistry());
      timer.scheduleAtFixedRate(() -> report(context), 1, 1, TimeUnit.SECONDS);
    }

    private static void report(PluginContext context) {
      MeterReport report = ExecutorMeters.LOCAL.report();
      if (report.isEmpty()) {
        return;
      }
      try {
        context.send(report);
      } catch (IOException | RuntimeException failure) {
        LOG.warn("A second of meters is lost", failure);
      }
    }

    @Override
    public void shutdown() {
      timer.shutdown();
      ViewConnections.closeAll();
    }
  }
}
