package io.foldlog.producer;

import io.foldlog.contract.EventType;
import io.foldlog.contract.InvalidValueException;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import java.text.Normalizer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import net.datafaker.Faker;

/**
 * Makes up what users say of themselves, in the scripts and forms of several countries. The same
 * draws make up the same values. For one thread.
 */
final class SyntheticProfiles {

  private static final long EARLIEST_BIRTH = Instant.parse("1944-01-01T00:00:00Z").toEpochMilli();
  private static final long LATEST_BIRTH = Instant.parse("2003-01-01T00:00:00Z").toEpochMilli();
  private static final long EARLIEST_REGISTRATION =
      Instant.parse("2005-01-01T00:00:00Z").toEpochMilli();
  private static final long LATEST_REGISTRATION =
      Instant.parse("2025-01-01T00:00:00Z").toEpochMilli();
  private static final int PORTRAITS = 100;
  private static final int WARM_UP_EVENTS = 20;

  /** A country and who makes up its names and addresses. */
  private record Home(String nationality, String country, Faker faker) {}

  private final Random random = new Random(0);
  private final List<Home> homes =
      List.of(
          home("US", "United States", "en-US"),
          home("GB", "United Kingdom", "en-GB"),
          home("DE", "Germany", "de"),
          home("FR", "France", "fr"),
          home("ES", "Spain", "es"),
          home("NO", "Norway", "nb-NO"),
          home("TR", "Turkey", "tr"));

  /** Reads what the makers-up keep in files, which takes a second that no rate should lose. */
  SyntheticProfiles() {
    UserEvent.Builder scratch = UserEvent.of(EventType.UPDATED, new UUID(0, 0), "scratch", 0);
    try {
      for (int draw = 0; draw < homes.size() * WARM_UP_EVENTS; draw++) {
        whole(scratch, draw, draw);
        changes(scratch, draw, draw);
      }
    } catch (InvalidValueException unforeseen) {
      throw new IllegalStateException("Made up a value that no event takes", unforeseen);
    }
  }

  private Home home(String nationality, String country, String language) {
    return new Home(nationality, country, new Faker(Locale.forLanguageTag(language), random));
  }

  private Home start(long home, long content) {
    random.setSeed(content);
    return homes.get((int) Long.remainderUnsigned(home, homes.size()));
  }

  /** A whole profile, of a user at home there. */
  void whole(UserEvent.Builder event, long homeDraw, long content) throws InvalidValueException {
    Home home = start(homeDraw, content);
    boolean female = random.nextBoolean();
    String first =
        female ? home.faker().name().femaleFirstName() : home.faker().name().malefirstName();
    String last = home.faker().name().lastName();
    event
        .text(UserField.FIRST_NAME, first)
        .text(UserField.LAST_NAME, last)
        .text(UserField.GENDER, female ? "female" : "male")
        .text(UserField.TITLE, female ? "Ms" : "Mr")
        .text(UserField.NATIONALITY, home.nationality())
        .timestamp(UserField.DOB, instant(EARLIEST_BIRTH, LATEST_BIRTH))
        .timestamp(UserField.REGISTERED_DATE, instant(EARLIEST_REGISTRATION, LATEST_REGISTRATION));
    account(event, first, last);
    place(event, home);
    phones(event, home);
    picture(event, female ? "women" : "men");
  }

  /** One to three things that change, of a user at home there; some are cleared. */
  void changes(UserEvent.Builder event, long homeDraw, long content) throws InvalidValueException {
    Home home = start(homeDraw, content);
    List<Integer> kinds = new ArrayList<>(List.of(0, 1, 2, 3, 4));
    int changes = 1 + random.nextInt(3);
    for (int change = 0; change < changes; change++) {
      switch (kinds.remove(random.nextInt(kinds.size()))) {
        case 0 -> account(event, home.faker().name().firstName(), home.faker().name().lastName());
        case 1 -> place(event, home);
        case 2 -> phones(event, home);
        case 3 -> picture(event, random.nextBoolean() ? "women" : "men");
        default -> event.text(UserField.LAST_NAME, home.faker().name().lastName());
      }
    }
    if (random.nextInt(10) == 0) {
      event.cleared(random.nextBoolean() ? UserField.TITLE : UserField.DOB);
    }
  }

  private void account(UserEvent.Builder event, String first, String last)
      throws InvalidValueException {
    String account = ascii(first) + "." + ascii(last);
    event
        .text(UserField.EMAIL, account + random.nextInt(1000) + "@example.com")
        .text(UserField.USERNAME, account.replace(".", "") + random.nextInt(10_000));
  }

  private static String ascii(String name) {
    String letters =
        Normalizer.normalize(name, Normalizer.Form.NFD)
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z]", "");
    return letters.isEmpty() ? "user" : letters;
  }

  private void place(UserEvent.Builder event, Home home) throws InvalidValueException {
    String street = (1 + random.nextInt(9999)) + " " + home.faker().address().streetName();
    String city = home.faker().address().city();
    String state = home.faker().address().state();
    event
        .text(UserField.STREET, street)
        .text(UserField.CITY, city)
        .text(UserField.STATE, state)
        .text(UserField.COUNTRY, home.country())
        .text(UserField.POST_CODE, home.faker().address().zipCode())
        .text(UserField.ADDRESS, String.join(", ", street, city, state, home.country()))
        .decimal(UserField.LATITUDE, degrees(90))
        .decimal(UserField.LONGITUDE, degrees(180))
        .text(UserField.TIMEZONE, "%+d:00".formatted(random.nextInt(24) - 11));
  }

  /** Four decimals, without the default locale's comma. */
  private String degrees(int bound) {
    return Double.toString((random.nextInt(20_000 * bound + 1) - 10_000 * bound) / 10_000.0);
  }

  private void phones(UserEvent.Builder event, Home home) throws InvalidValueException {
    event
        .text(UserField.PHONE, home.faker().phoneNumber().phoneNumber())
        .text(UserField.CELL, home.faker().phoneNumber().cellPhone());
  }

  private void picture(UserEvent.Builder event, String folder) throws InvalidValueException {
    event.text(
        UserField.PICTURE,
        "https://randomuser.me/api/portraits/med/%s/%d.jpg"
            .formatted(folder, random.nextInt(PORTRAITS)));
  }

  private String instant(long from, long until) {
    long span = until - from;
    return Instant.ofEpochMilli(from + (long) (random.nextDouble() * span)).toString();
  }
}
