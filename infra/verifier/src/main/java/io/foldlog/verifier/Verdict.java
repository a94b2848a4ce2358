package io.foldlog.verifier;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
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
 * @param repaired users of whom only values are compared
 * @param differingUsers how many users differ
 * @param differences some of the differences
 * @param differenceCount all of them
 */
public record Verdict(
    String offsets,
    long events,
    long rejected,
    long users,
    long live,
    long rows,
    long repaired,
    long differingUsers,
    List<Difference> differences,
    long differenceCount) {

  public Verdict {
    differences = List.copyOf(differences);
  }

  /** Whether the promise is kept. */
  public boolean isEqual() {
    return differenceCount == 0;
  }

  /** The verdict for a person, one fact a line. */
  public String text() {
    String counts =
        "log offsets=%s events=%d rejected=%d users=%d live=%d; view rows=%d; repaired users=%d"
            .formatted(offsets, events, rejected, users, live, rows, repaired);
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

  /** The verdict for a program: one JSON object. */
  public String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeBooleanField("equal", isEqual());
      json.writeStringField("offsets", offsets);
      json.writeNumberField("events", events);
      json.writeNumberField("rejected", rejected);
      json.writeNumberField("users", users);
      json.writeNumberField("live", live);
      json.writeNumberField("rows", rows);
      json.writeNumberField("repairedUsers", repaired);
      json.writeNumberField("differingUsers", differingUsers);
      json.writeNumberField("differenceCount", differenceCount);
      json.writeArrayFieldStart("differences");
      for (Difference difference : differences) {
        json.writeStartObject();
        json.writeStringField("user", difference.userId().toString());
        json.writeStringField("kind", difference.kind().name());
        json.writeStringField("column", difference.column());
        json.writeStringField("detail", difference.detail());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return text.toString();
  }
}
