package io.foldlog.producer;

import io.foldlog.runtime.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * The section {@code producer.randomuser}: the settings of the API.
 *
 * @param url the address of the API; also the {@code source} of its events
 * @param usersPerFiveMinutes the API's limit for one address
 * @param timeout timeout of one request, including the body
 * @param initialBackoff pause before a failed request is repeated; doubled with each repetition
 * @param maxBackoff maximum of that pause
 * @param maxRetryDuration how long one page may fail before the run ends
 * @param rateLimitMaxRetryDuration the same while the API reports that its rate limit is reached
 */
record RandomUserSettings(
    URI url,
    int usersPerFiveMinutes,
    Duration timeout,
    Duration initialBackoff,
    Duration maxBackoff,
    Duration maxRetryDuration,
    Duration rateLimitMaxRetryDuration) {

  /** The maximum number of users in a response. The API returns one user if more are requested. */
  static final int MAX_RESULTS = 5000;

  RandomUserSettings {
    Objects.requireNonNull(url);
    Objects.requireNonNull(timeout);
    Objects.requireNonNull(maxRetryDuration);
    Objects.requireNonNull(rateLimitMaxRetryDuration);
    if (initialBackoff.compareTo(maxBackoff) >= 0) {
      throw new IllegalArgumentException("The initial backoff is not shorter than the maximum");
    }
  }

  /** Maps the section. */
  static RandomUserSettings from(Settings settings) {
    Settings.Section section = settings.section("producer.randomuser");
    URI url;
    try {
      url = URI.create(section.text("url"));
    } catch (IllegalArgumentException malformed) {
      throw section.reject("url", ProducerErrors.API_URL_RULE);
    }
    if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        || url.getHost() == null
        || url.getUserInfo() != null
        || url.getQuery() != null
        || url.getFragment() != null) {
      throw section.reject("url", ProducerErrors.API_URL_PARTS_RULE);
    }
    Duration initialBackoff = section.positiveDuration("initial-backoff");
    Duration maxBackoff = section.positiveDuration("max-backoff");
    if (initialBackoff.compareTo(maxBackoff) >= 0) {
      throw section.reject("max-backoff", ProducerErrors.MAX_BACKOFF_RULE);
    }
    return new RandomUserSettings(
        url,
        section.integer("users-per-5-minutes", 4, 1_000_000_000),
        section.positiveDuration("timeout"),
        initialBackoff,
        maxBackoff,
        section.positiveDuration("max-retry-duration"),
        section.positiveDuration("rate-limit-max-retry-duration"));
  }

  /** The maximum number of users in one request, by the API and by the rate limit. */
  int maxResults() {
    return Math.min(MAX_RESULTS, ApiRateLimit.maxAtOnce(usersPerFiveMinutes));
  }
}
