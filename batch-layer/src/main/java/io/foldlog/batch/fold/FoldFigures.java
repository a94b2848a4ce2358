package io.foldlog.batch.fold;

import java.util.Objects;

/**
 * What a fold run did.
 *
 * @param mode what was folded
 * @param events that were folded
 * @param rejected records that are no events
 * @param unknownMembers of the events, which this version does not know
 * @param touchedUsers whose state may have changed
 * @param registrationDays that were counted anew
 * @param folded how far the table has come in the log
 * @param version of the table afterwards
 */
public record FoldFigures(
    Fold.Mode mode,
    long events,
    long rejected,
    long unknownMembers,
    long touchedUsers,
    int registrationDays,
    String folded,
    long version) {

  public FoldFigures {
    Objects.requireNonNull(mode);
    Objects.requireNonNull(folded);
  }
}
