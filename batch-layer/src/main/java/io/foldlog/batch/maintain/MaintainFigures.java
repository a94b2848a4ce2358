package io.foldlog.batch.maintain;

/**
 * What a maintain run did.
 *
 * @param compacted tables whose small files were joined
 * @param vacuumed tables whose old files were removed
 * @param archivedRecords whose ranges were checked
 * @param acceptedGaps in those ranges
 * @param users that were folded
 * @param comparedUsers whose state was folded anew and compared
 */
public record MaintainFigures(
    int compacted,
    int vacuumed,
    long archivedRecords,
    int acceptedGaps,
    long users,
    long comparedUsers) {}
