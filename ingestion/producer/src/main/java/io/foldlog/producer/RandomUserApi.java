package io.foldlog.producer;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import io.foldlog.runtime.StopSignal;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests pages of users from the API. Respects its rate limit, retries requests after transient
 * errors, and returns only responses that match the request.
 */
final class RandomUserApi implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RandomUserApi.class);
  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final double JITTER = 0.25;

  /**
   * The versions of the API whose users are read. Version 1.2 and earlier have no country, times
   * without a time zone, and the street as one text.
   */
  private static final Set<String> VERSIONS = Set.of("1.3", "1.4");

  /** 408 Request Timeout and 425 Too Early. */
  private static final Set<Integer> TRANSIENT_REFUSALS = Set.of(408, 425);

  /** 403 Forbidden and 451 Unavailable For Legal Reasons. */
  private static final Set<Integer> BLOCKS = Set.of(403, 451);

  /** The last page of a seed. The API returns the first page for a higher number. */
  private static final int MAX_PAGE = 10_000;

  private final RandomUserSettings settings;
  private final StopSignal stop;
  private final ApiRateLimit rateLimit;
  private final EnvironmentProxies proxies;
  private final HttpClient client;
  private final ScheduledExecutorService attempts =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "randomuser");
            thread.setDaemon(true);
            return thread;
          });
  private final FailsafeExecutor<RandomUserPage> retrying;
  private final AtomicReference<Future<?>> current =
      new AtomicReference<>(CompletableFuture.completedFuture(null));

  /**
   * A page of the API.
   *
   * @param seed the seed that the API gets
   * @param number the number of the page, from 1
   */
  record PageId(String seed, int number) {

    /**
     * A page of a run. The API gets another seed after the last page of a seed.
     *
     * @param index number of the earlier pages of the run
     */
    static PageId of(Seed seed, long index) {
      return new PageId(seed.forApi(index / MAX_PAGE), (int) (index % MAX_PAGE) + 1);
    }
  }

  /** A transient failure of a request. The message is the reason in another message. */
  private static class FaultException extends Exception {
    FaultException(String fault) {
      super(fault, null, false, false);
    }
  }

  /** The API's response when the rate limit is exceeded. */
  private static final class RateLimitException extends FaultException {
    RateLimitException() {
      super(ProducerErrors.RATE_LIMIT_WAS_REACHED);
    }
  }

  RandomUserApi(RandomUserSettings settings, StopSignal stop) {
    this(settings, new EnvironmentProxies(System.getenv()), stop);
  }

  RandomUserApi(RandomUserSettings settings, EnvironmentProxies proxies, StopSignal stop) {
    this.settings = settings;
    this.proxies = proxies;
    this.stop = stop;
    this.rateLimit = new ApiRateLimit(settings.usersPerFiveMinutes(), WINDOW);
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .proxy(proxies)
            .connectTimeout(settings.timeout())
            .build();
    RetryPolicy<RandomUserPage> faults =
        retryPolicy(settings.maxRetryDuration())
            .handleIf(
                failure ->
                    failure instanceof FaultException && !(failure instanceof RateLimitException))
            .build();
    RetryPolicy<RandomUserPage> limits =
        retryPolicy(settings.rateLimitMaxRetryDuration()).handle(RateLimitException.class).build();
    this.retrying = Failsafe.with(limits, faults).with(attempts);
    stop.onRequest(() -> current.get().cancel(true));
  }

  private RetryPolicyBuilder<RandomUserPage> retryPolicy(Duration maxRetryDuration) {
    Duration maxBackoff =
        settings.maxBackoff().compareTo(maxRetryDuration) < 0
            ? settings.maxBackoff()
            : maxRetryDuration.dividedBy(2);
    Duration initialBackoff =
        settings.initialBackoff().compareTo(maxBackoff) < 0
            ? settings.initialBackoff()
            : maxBackoff.dividedBy(2);
    return RetryPolicy.<RandomUserPage>builder()
        .withBackoff(initialBackoff, maxBackoff)
        .withJitter(JITTER)
        .withMaxRetries(-1)
        .withMaxDuration(maxRetryDuration)
        .onRetryScheduled(
            event ->
                LOG.warn(
                    "event=request_failed url={} fault=\"{}\" attempts={} retry_in_ms={}",
                    settings.url(),
                    event.getLastException().getMessage(),
                    event.getAttemptCount(),
                    event.getDelay().toMillis()));
  }

  /**
   * Requests a page. The same page and number of users return the same users. Returns empty if a
   * stop was requested before the page arrived.
   */
  Optional<RandomUserPage> page(PageId id, int results) {
    URI uri =
        URI.create(
            settings.url() + "?results=" + results + "&page=" + id.number() + "&seed=" + id.seed());
    long start = System.nanoTime();
    Future<RandomUserPage> page =
        retrying.getAsync(
            () -> {
              RandomUserPage response = attempt(uri, results);
              require(response, "page", Integer.toString(id.number()));
              require(response, "seed", id.seed());
              return response;
            });
    current.set(page);
    if (stop.isRequested()) {
      page.cancel(true);
    }
    try {
      return Optional.of(page.get());
    } catch (CancellationException stopped) {
      return Optional.empty();
    } catch (InterruptedException interruption) {
      page.cancel(true);
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException failure) {
      if (stop.isRequested()) {
        return Optional.empty();
      }
      throw translate(failure.getCause(), Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private RuntimeException translate(Throwable cause, Duration after) {
    if (cause instanceof FaultException fault) {
      return ProducerErrors.apiGaveNoPage(settings.url(), after, fault);
    }
    return cause instanceof RuntimeException known
        ? known
        : new IllegalStateException("Asking " + settings.url(), cause);
  }

  private RandomUserPage attempt(URI uri, int results) throws FaultException, InterruptedException {
    awaitRateLimit(results);
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(uri)
            .header("Accept", "application/json")
            // without this header a server may compress the body
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "foldlog");
    proxies.authorization(uri).ifPresent(value -> builder.header("Proxy-Authorization", value));
    HttpRequest request = builder.build();
    CompletableFuture<HttpResponse<byte[]>> response =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    try {
      return read(response.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS), results);
    } catch (TimeoutException timeout) {
      throw new FaultException(ProducerErrors.noAnswerWithin(settings.timeout()));
    } catch (ExecutionException failure) {
      throw new FaultException(describe(failure.getCause()));
    } finally {
      response.cancel(true);
    }
  }

  private void awaitRateLimit(int results) throws InterruptedException {
    if (stop.await(rateLimit.reserve(results))) {
      throw new InterruptedException("stopped while waiting for the rate limit");
    }
  }

  private static String describe(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : cause.getClass().getSimpleName() + ": " + message;
  }

  private RandomUserPage read(HttpResponse<byte[]> response, int results) throws FaultException {
    requireStatusOk(response.statusCode());
    RandomUserPage page;
    try {
      page = RandomUserPage.parse(response.body());
    } catch (IOException unreadable) {
      throw new FaultException(unreadable.getMessage());
    }
    String version = page.info().getOrDefault("version", "absent");
    if (!VERSIONS.contains(version)) {
      throw ProducerErrors.apiVersionIsUnsupported(settings.url(), version);
    }
    if (page.users().size() != results) {
      throw new FaultException(ProducerErrors.usersDiffer(page.users().size(), results));
    }
    require(page, "results", Integer.toString(results));
    List<UUID> ids = page.users().stream().flatMap(user -> user.id().stream()).toList();
    if (Set.copyOf(ids).size() < ids.size()) {
      throw new FaultException(ProducerErrors.USER_IS_REPEATED);
    }
    return page;
  }

  private void requireStatusOk(int status) throws FaultException {
    if (status == 429) {
      throw new RateLimitException();
    }
    if (status >= 500 || TRANSIENT_REFUSALS.contains(status)) {
      throw new FaultException(ProducerErrors.answeredWith(status));
    }
    if (BLOCKS.contains(status)) {
      throw ProducerErrors.addressIsBlocked(settings.url(), status);
    }
    if (status == 407) {
      throw ProducerErrors.proxyRefusesLogin(settings.url(), proxies.variable(settings.url()));
    }
    if (status != 200) {
      throw ProducerErrors.apiRefuses(settings.url(), status);
    }
  }

  private static void require(RandomUserPage page, String name, String wanted)
      throws FaultException {
    String found = page.info().getOrDefault(name, "absent");
    if (!found.equals(wanted)) {
      throw new FaultException(ProducerErrors.infoDiffers(name, found, wanted));
    }
  }

  @Override
  public void close() {
    current.get().cancel(true);
    attempts.shutdownNow();
  }
}
