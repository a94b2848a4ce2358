package io.foldlog.speed;

import java.util.Locale;

/** The trigger of the streaming query. A checkpoint belongs to one trigger. */
public enum TriggerMode {
  /** Long-running tasks with one commit per epoch: milliseconds from the log to the view. */
  CONTINUOUS,
  /** A job for each batch of records: about half a second, with any number of task slots. */
  MICRO_BATCH;

  /** The value of the setting {@code speed-layer.trigger}. */
  public String settingName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
