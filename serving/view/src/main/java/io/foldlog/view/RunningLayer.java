package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A layer that has sent a heartbeat recently.
 *
 * @param layer the layer, such as {@code speed-layer}
 * @param instance identifies the instance of the layer
 * @param decodeVersion the decode version of the layer
 * @param heartbeat the time of the last heartbeat, by the clock of its machine
 */
public record RunningLayer(String layer, String instance, int decodeVersion, Instant heartbeat) {

  public RunningLayer {
    requireNonNull(layer);
    requireNonNull(instance);
    requireNonNull(heartbeat);
  }
}
