package io.foldlog.admin.verify;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The result of a verification.
 *
 * @param offsets the offsets up to which the log was folded
 * @param events number of folded events
 * @param rejected number of records that are not events
 * @param users number of users that events name
 * @param live number of live users
 * @param rows number of rows that the scan of the view returned
 * @param repairedUsers number of users of whom only values are compared
 * @param differingUsers number of users that differ
 * @param differences the first differences
 * @param differenceCount number of all differences
 */
public record VerificationResult(
    String offsets,
    long events,
    long rejected,
    long users,
    long live,
    long rows,
    long repairedUsers,
    long differingUsers,
    List<Difference> differences,
    long differenceCount) {

  public VerificationResult {
    differences = List.copyOf(differences);
  }

  /** Whether the view equals the fold of the log. */
  @JsonProperty("equal")
  public boolean isEqual() {
    return differenceCount == 0;
  }

  /** The result as text for a user. */
  public String text() {
    String counts =
        "log offsets=%s events=%d rejected=%d users=%d live=%d; view rows=%d; repaired users=%d"
            .formatted(offsets, events, rejected, users, live, rows, repairedUsers);
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
