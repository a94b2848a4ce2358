package io.foldlog.runtime;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns SIGTERM and SIGINT into a {@link StopSignal}.
 *
 * <p>This class handles the signals instead of registering a shutdown hook. Shutdown hooks run
 * concurrently, so Spark's hook would stop its context while a query is still ending. In addition,
 * a JVM that is shutting down cannot change its exit status.
 *
 * <p>After the first signal the application has the shutdown timeout for an orderly end. After the
 * timeout, or on a second signal, the process halts immediately.
 */
final class ProcessSignals {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessSignals.class);

  private final StopSignal stop;
  private final Duration shutdownTimeout;
  private final AtomicBoolean stopping = new AtomicBoolean();

  private ProcessSignals(StopSignal stop, Duration shutdownTimeout) {
    this.stop = stop;
    this.shutdownTimeout = shutdownTimeout;
  }

  static void connect(StopSignal stop, Duration shutdownTimeout) {
    ProcessSignals signals = new ProcessSignals(stop, shutdownTimeout);
    signals.handle("TERM", ExitStatus.TERMINATED);
    signals.handle("INT", ExitStatus.INTERRUPTED);
  }

  /** Uses reflection, because the compiler's warning about sun.misc.Signal cannot be suppressed. */
  private void handle(String name, ExitStatus status) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> invoke(self, method.getName(), arguments, status));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      LOG.warn(
          "event=signal_not_handled signal=SIG{} effect=\"it ends this process at once\"", name, e);
    }
  }

  private Object invoke(Object self, String method, Object[] arguments, ExitStatus status) {
    return switch (method) {
      case "handle" -> {
        handleSignal(status);
        yield null;
      }
      case "equals" -> self == arguments[0];
      case "hashCode" -> System.identityHashCode(self);
      default -> "handler of " + status;
    };
  }

  private void handleSignal(ExitStatus status) {
    if (!stopping.compareAndSet(false, true)) {
      LOG.warn("event=stopping_now reason=\"a second signal\"");
      Runtime.getRuntime().halt(status.code());
    }
    Thread watch = new Thread(() -> haltAfterTimeout(status), "shutdown-timeout");
    watch.setDaemon(true);
    watch.start();
    LOG.info("event=stopping status={} limit_s={}", status, shutdownTimeout.toSeconds());
    stop.request(status);
  }

  private void haltAfterTimeout(ExitStatus status) {
    try {
      Thread.sleep(shutdownTimeout.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    LOG.error(
        "event=stopping_now reason=\"no orderly end within {} s\"", shutdownTimeout.toSeconds());
    Runtime.getRuntime().halt(status.code());
  }
}
