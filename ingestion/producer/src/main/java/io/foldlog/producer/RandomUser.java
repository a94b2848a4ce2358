package io.foldlog.producer;

import io.foldlog.contract.EventType;
import io.foldlog.contract.InvalidValueException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A user of the API, reduced to an allow-list. No other member of a response is read.
 *
 * @param members the texts of the present {@link #MEMBERS} by path; a null member has an empty text
 * @param faults the members whose JSON type differs from that of the API, as sentences
 */
record RandomUser(Map<String, String> members, List<String> faults) {

  private static final String ID = "login.uuid";

  private static final Map<String, UserField> TEXTS =
      Map.ofEntries(
          Map.entry("name.title", UserField.TITLE),
          Map.entry("name.first", UserField.FIRST_NAME),
          Map.entry("name.last", UserField.LAST_NAME),
          Map.entry("gender", UserField.GENDER),
          Map.entry("location.city", UserField.CITY),
          Map.entry("location.state", UserField.STATE),
          Map.entry("location.country", UserField.COUNTRY),
          Map.entry("location.postcode", UserField.POST_CODE),
          Map.entry("location.timezone.offset", UserField.TIMEZONE),
          Map.entry("email", UserField.EMAIL),
          Map.entry("login.username", UserField.USERNAME),
          Map.entry("phone", UserField.PHONE),
          Map.entry("cell", UserField.CELL),
          Map.entry("picture.medium", UserField.PICTURE),
          Map.entry("nat", UserField.NATIONALITY));

  private static final Map<String, UserField> TIMES =
      Map.of("dob.date", UserField.DOB, "registered.date", UserField.REGISTERED_DATE);

  private static final Map<String, UserField> DEGREES =
      Map.of(
          "location.coordinates.latitude", UserField.LATITUDE,
          "location.coordinates.longitude", UserField.LONGITUDE);

  private static final Set<String> STREET =
      Set.of("location.street.number", "location.street.name");

  /**
   * The paths that are read. They exclude credentials, the national id, and the age, which changes
   * daily.
   */
  static final Set<String> MEMBERS =
      Stream.of(TEXTS.keySet(), TIMES.keySet(), DEGREES.keySet(), STREET, Set.of(ID))
          .flatMap(Set::stream)
          .collect(Collectors.toUnmodifiableSet());

  RandomUser {
    members = Map.copyOf(members);
    faults = List.copyOf(faults);
  }

  /** The user's id; empty if it is not a UUID. */
  Optional<UUID> id() {
    String text = members.getOrDefault(ID, "");
    try {
      UUID id = UUID.fromString(text);
      return Optional.of(id).filter(parsed -> parsed.toString().equalsIgnoreCase(text));
    } catch (IllegalArgumentException other) {
      return Optional.empty();
    }
  }

  /**
   * The registration of this user.
   *
   * @throws InvalidValueException when a member violates the rule of its field
   */
  UserEvent registration(String source, long timeMicros) throws InvalidValueException {
    UserEvent.Builder event =
        UserEvent.of(EventType.REGISTERED, id().orElseThrow(), source, timeMicros);
    for (Map.Entry<String, String> member : members.entrySet()) {
      String text = member.getValue();
      if (TEXTS.containsKey(member.getKey())) {
        event.text(TEXTS.get(member.getKey()), text);
      } else if (TIMES.containsKey(member.getKey())) {
        UserField field = TIMES.get(member.getKey());
        event = text.isEmpty() ? event.cleared(field) : event.timestamp(field, text);
      } else if (DEGREES.containsKey(member.getKey())) {
        UserField field = DEGREES.get(member.getKey());
        event = text.isEmpty() ? event.cleared(field) : event.decimal(field, text);
      }
    }
    String street = joined(" ", "location.street.number", "location.street.name");
    if (!street.isEmpty()) {
      event.text(UserField.STREET, street);
    }
    String region = joined(", ", "location.city", "location.state", "location.country");
    String address = joined(", ", Stream.of(street, region));
    if (!address.isEmpty()) {
      event.text(UserField.ADDRESS, address);
    }
    return event.build();
  }

  private String joined(String separator, String... paths) {
    return joined(separator, Stream.of(paths).map(path -> members.getOrDefault(path, "").strip()));
  }

  private static String joined(String separator, Stream<String> parts) {
    return parts.filter(part -> !part.isEmpty()).collect(Collectors.joining(separator));
  }

  /** Only the id, no personal data. */
  @Override
  public String toString() {
    return "user " + members.get(ID);
  }
}
