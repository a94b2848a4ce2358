package io.foldlog.producer;

import io.foldlog.runtime.Settings;
import java.time.Duration;
import java.util.Objects;

/**
 * The section {@code producer}. Options of the command override it.
 *
 * @param source the source of events
 * @param batch number of events per batch, and of users per request
 * @param interval time from the start of one batch to the next
 * @param rate events per second, evenly, instead of batches; 0 for batches
 * @param weights proportions of synthetic events
 * @param randomUser the settings of the API
 */
record ProducerSettings(
    SourceKind source,
    int batch,
    Duration interval,
    double rate,
    EventWeights weights,
    RandomUserSettings randomUser) {

  static final int MAX_BATCH = 1_000_000;
  static final double MAX_RATE = 1_000_000;

  /** The sources of events. */
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
        section.integer("batch", 1, MAX_BATCH),
        section.duration("interval"),
        section.decimal("rate", 0, MAX_RATE),
        EventWeights.parse(section.text("event-weights"))
            .orElseThrow(() -> section.reject("event-weights", ProducerErrors.EVENT_WEIGHTS_RULE)),
        RandomUserSettings.from(settings));
  }
}
