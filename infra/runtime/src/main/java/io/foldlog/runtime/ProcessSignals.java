package io.foldlog.runtime;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns SIGTERM and SIGINT into a {@link StopSignal}.
 *
 * <p>The signals are handled rather than a shutdown hook registered: hooks run all at once, so that
 * Spark's would take its context away from a query that is still ending, and the status of a
 * machine that is already shutting down cannot be set any more. After the first signal the
 * application has {@code limit} to end in order; then, or on a second signal, the process ends as
 * it is.
 */
final class ProcessSignals {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessSignals.class);

  private final StopSignal stop;
  private final Duration limit;
  private final AtomicBoolean limited = new AtomicBoolean();

  private ProcessSignals(StopSignal stop, Duration limit) {
    this.stop = stop;
    this.limit = limit;
  }

  static void connect(StopSignal stop, Duration limit) {
    ProcessSignals signals = new ProcessSignals(stop, limit);
    signals.handle("TERM", ExitStatus.TERMINATED);
    signals.handle("INT", ExitStatus.INTERRUPTED);
  }

  /**
   * By reflection, because the compiler warns of sun.misc.Signal and offers no way to accept it.
   */
  private void handle(String name, ExitStatus status) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> answer(self, method.getName(), arguments, status));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      LOG.warn(
          "event=signal_not_handled signal=SIG{} effect=\"it ends this process at once\"", name, e);
    }
  }

  private Object answer(Object self, String method, Object[] arguments, ExitStatus status) {
    return switch (method) {
      case "handle" -> {
        received(status);
        yield null;
      }
      case "equals" -> self == arguments[0];
      case "hashCode" -> System.identityHashCode(self);
      default -> "handler of " + status;
    };
  }

  private void received(ExitStatus status) {
    if (!limited.compareAndSet(false, true)) {
      LOG.warn("event=stopping_now reason=\"a second signal\"");
      Runtime.getRuntime().halt(status.code());
    }
    Thread watch = new Thread(() -> endAfterLimit(status), "stop-limit");
    watch.setDaemon(true);
    watch.start();
    LOG.info("event=stopping status={} limit_s={}", status, limit.toSeconds());
    stop.request(status);
  }

  private void endAfterLimit(ExitStatus status) {
    try {
      Thread.sleep(limit.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    LOG.error("event=stopping_now reason=\"no orderly end within {} s\"", limit.toSeconds());
    Runtime.getRuntime().halt(status.code());
  }
}
