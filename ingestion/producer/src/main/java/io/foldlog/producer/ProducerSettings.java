package io.foldlog.producer;

import io.foldlog.runtime.Settings;
import java.time.Duration;
import java.util.Objects;

/**
 * The section {@code producer}: what arguments do not say otherwise.
 *
 * @param source where events come from
 * @param batch how many events are sent at once, and the users that one request asks for
 * @param interval from one batch to the next
 * @param rate events a second, evenly, instead of batches; 0 for batches
 * @param weights of synthetic events
 * @param randomUser how the API is asked
 */
record ProducerSettings(
    SourceKind source,
    int batch,
    Duration interval,
    double rate,
    EventWeights weights,
    RandomUserSettings randomUser) {

  static final int MOST_BATCH = 1_000_000;
  static final double MOST_RATE = 1_000_000;

  /** Where events come from. */
  enum SourceKind {
    RANDOMUSER,
    SYNTHETIC,
    FILE
  }

  ProducerSettings {
    Objects.requireNonNull(source);
    Objects.requireNonNull(interval);
    Objects.requireNonNull(weights);
    Objects.requireNonNull(randomUser);
  }

  /** Maps the section. */
  static ProducerSettings from(Settings settings) {
    Settings.Section section = settings.section("producer");
    return new ProducerSettings(
        section.choice("source", SourceKind.class),
        section.integer("batch", 1, MOST_BATCH),
        section.duration("interval"),
        section.decimal("rate", 0, MOST_RATE),
        EventWeights.parse(section.text("event-weights"))
            .orElseThrow(() -> section.refuse("event-weights", ProducerErrors.EVENT_WEIGHTS_RULE)),
        RandomUserSettings.from(settings));
  }
}
