package io.foldlog.batch.reconcile;

/** How a cell or a row of the view can differ from the log. */
public enum Finding {
  /** What the fold shows, the view does not. */
  MISSING,
  /** The view shows what a later event of the fold has replaced, cleared or deleted. */
  STALE,
  /** Differs from the log's end by events past the fold, which the view will show. */
  BEHIND,
  /** Shows events past the fold already. */
  AHEAD,
  /** A cell that no event wrote, or one that expires. */
  FOREIGN,
  /** A row of a user whom the log does not know. */
  GHOST,
  /** The right value, at a higher time than its event's. */
  NEWER_WRITETIME,
  /** Written more than five minutes past the scan. */
  FUTURE_WRITETIME;

  /** Whether it is drift, rather than a difference that the log explains. */
  public boolean isDrift() {
    return this != BEHIND && this != AHEAD && this != NEWER_WRITETIME;
  }
}
