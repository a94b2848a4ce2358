package io.foldlog.producer;

import io.foldlog.runtime.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * The section {@code producer.randomuser}: how the API is asked.
 *
 * @param url of the API; also the source that its events name
 * @param usersPerFiveMinutes the API's limit for one address
 * @param timeout of one request, its body included
 * @param initialBackoff before a failed request is made again; doubled each time
 * @param maxBackoff that it is doubled up to
 * @param maxRetryDuration how long one page may fail before the run ends
 * @param rateLimitMaxRetryDuration the same where the API says that the limit was reached
 */
record RandomUserSettings(
    URI url,
    int usersPerFiveMinutes,
    Duration timeout,
    Duration initialBackoff,
    Duration maxBackoff,
    Duration maxRetryDuration,
    Duration rateLimitMaxRetryDuration) {

  /** The most users that the API answers with; asked for more it answers with one. */
  static final int MOST_RESULTS = 5000;

  RandomUserSettings {
    Objects.requireNonNull(url);
    Objects.requireNonNull(timeout);
    Objects.requireNonNull(maxRetryDuration);
    Objects.requireNonNull(rateLimitMaxRetryDuration);
    if (initialBackoff.compareTo(maxBackoff) >= 0) {
      throw new IllegalArgumentException("The first delay is not the shorter one");
    }
  }

  /** Maps the section. */
  static RandomUserSettings from(Settings settings) {
    Settings.Section section = settings.section("producer.randomuser");
    URI url;
    try {
      url = URI.create(section.text("url"));
    } catch (IllegalArgumentException malformed) {
      throw section.refuse("url", ProducerErrors.API_URL_RULE);
    }
    if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        || url.getHost() == null
        || url.getUserInfo() != null
        || url.getQuery() != null
        || url.getFragment() != null) {
      throw section.refuse("url", ProducerErrors.API_URL_PARTS_RULE);
    }
    Duration initialBackoff = section.positiveDuration("initial-backoff");
    Duration maxBackoff = section.positiveDuration("max-backoff");
    if (initialBackoff.compareTo(maxBackoff) >= 0) {
      throw section.refuse("max-backoff", ProducerErrors.MAX_BACKOFF_RULE);
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

  /** The most users that one request may ask for: what the limit lets go at once. */
  int mostResults() {
    return Math.min(MOST_RESULTS, ApiRateLimit.maxAtOnce(usersPerFiveMinutes));
  }
}
