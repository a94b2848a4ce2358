package io.foldlog.speed;

import java.util.Locale;

/** How the streaming query runs; a checkpoint belongs to one of them. */
public enum TriggerMode {
  /** Tasks that never end, committing once an epoch: milliseconds from the log to the view. */
  CONTINUOUS,
  /** A job for each batch of records: about half a second, and any number of task slots. */
  MICRO_BATCH;

  /** As it is written in the settings. */
  public String settingName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
