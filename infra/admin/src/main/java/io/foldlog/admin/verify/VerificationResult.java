package io.foldlog.admin.verify;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.foldlog.log.HeldBackRecords;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The result of a verification.
 *
 * @param offsets the offsets up to which the log was folded
 * @param heldBack records past these offsets that an open transaction holds back; they are not
 *     compared
 * @param events number of folded events
 * @param rejected number of records that are not events
 * @param users number of users that events name
 * @param live number of live users
 * @param rows number of rows that the scan of the view returned
 * @param decodeVersion the decode version of this verifier
 * @param viewDecodeVersion the highest decode version that has written to the view; empty if none
 *     is recorded
 * @param repairedUsers number of users of whom only values are compared
 * @param differingUsers number of users that differ
 * @param differences the first differences
 * @param differenceCount number of all differences
 */
public record VerificationResult(
    String offsets,
    HeldBackRecords.Summary heldBack,
    long events,
    long rejected,
    long users,
    long live,
    long rows,
    int decodeVersion,
    @JsonIgnore Optional<Integer> viewDecodeVersion,
    long repairedUsers,
    long differingUsers,
    List<Difference> differences,
    long differenceCount) {

  public VerificationResult {
    Objects.requireNonNull(heldBack);
    Objects.requireNonNull(viewDecodeVersion);
    differences = List.copyOf(differences);
  }

  /** Whether the view equals the fold of the committed records of the log. */
  @JsonProperty("equal")
  public boolean isEqual() {
    return differenceCount == 0;
  }

  /** For JSON. */
  @JsonProperty("view_decode_version")
  Integer viewDecodeVersionOrNull() {
    return viewDecodeVersion.orElse(null);
  }

  /** A line about another decode version, which may be the cause of differences. */
  private String versions() {
    return viewDecodeVersion
        .filter(written -> written != decodeVersion)
        .map(
            written ->
                "\nThe view was written with decode version %d, and this verifier decodes with version %d: records that the two read differently are differences. Verify with the release that writes the view."
                    .formatted(written, decodeVersion))
        .orElse("");
  }

  /** A line about the records that were not compared; empty text if there are none. */
  private String heldBackLine() {
    return heldBack.records() == 0 ? "" : "\nNot compared: " + heldBack.message();
  }

  /** The result as text for a user. */
  public String text() {
    String counts =
        "log offsets=%s events=%d rejected=%d users=%d live=%d; view rows=%d; repaired users=%d"
                .formatted(offsets, events, rejected, users, live, rows, repairedUsers)
            + versions()
            + heldBackLine();
    if (isEqual()) {
      return counts + "\nThe view equals the fold of the log in every cell and writetime.";
    }
    return differences.stream()
        .map(Difference::toString)
        .collect(
            Collectors.joining(
                "\n",
                counts + "\n",
                "\nThe view differs from the fold of the log: users=%d differences=%d shown=%d. If differences remain after the speed layer has caught up, run reconcile."
                    .formatted(differingUsers, differenceCount, differences.size())));
  }
}
