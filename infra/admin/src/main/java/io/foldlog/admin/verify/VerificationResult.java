package io.foldlog.admin.verify;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a verification found.
 *
 * @param offsets up to where the log was folded
 * @param events folded
 * @param rejected records that are no events
 * @param users that events name
 * @param live users that should show
 * @param rows that the view showed when it was scanned
 * @param repairedUsers users of whom only values are compared
 * @param differingUsers how many users differ
 * @param differences some of the differences
 * @param differenceCount all of them
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

  /** The result for a person, one fact a line. */
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
                "\nThe view differs from the fold of the log: users=%d differences=%d shown=%d. Once the speed layer has caught up, only a reconcile cures this."
                    .formatted(differingUsers, differenceCount, differences.size())));
  }
}
