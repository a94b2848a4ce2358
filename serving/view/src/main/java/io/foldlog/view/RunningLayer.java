package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A layer that said lately that it runs.
 *
 * @param layer e.g. {@code speed-layer}
 * @param instance tells two of a layer apart
 * @param decodeVersion of the contract it folds with
 * @param heartbeat when it last said so, by the clock of its machine
 */
public record RunningLayer(String layer, String instance, int decodeVersion, Instant heartbeat) {

  public RunningLayer {
    requireNonNull(layer);
    requireNonNull(instance);
    requireNonNull(heartbeat);
  }
}
