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
import java.util.function.Function;
import net.datafaker.Faker;

/**
 * Generates profile data of users from several countries. The same random numbers generate the same
 * values. For one thread.
 */
final class SyntheticProfiles {

  private static final long EARLIEST_BIRTH = Instant.parse("1944-01-01T00:00:00Z").toEpochMilli();
  private static final long LATEST_BIRTH = Instant.parse("2003-01-01T00:00:00Z").toEpochMilli();
  private static final long EARLIEST_REGISTRATION =
      Instant.parse("2005-01-01T00:00:00Z").toEpochMilli();
  private static final long LATEST_REGISTRATION =
      Instant.parse("2025-01-01T00:00:00Z").toEpochMilli();
  private static final int PORTRAITS = 100;
  private static final int WARM_UP_EVENTS = 2;

  /**
   * The number of different values of a kind per country. They are reused, because generating a
   * value takes 50 µs or more.
   */
  private static final int VALUES_PER_KIND = 256;

  /** The kinds of values that are generated per country. */
  private enum Kind {
    WOMANS_NAME(faker -> faker.name().femaleFirstName()),
    MANS_NAME(faker -> faker.name().malefirstName()),
    LAST_NAME(faker -> faker.name().lastName()),
    STREET(faker -> faker.address().streetName()),
    CITY(faker -> faker.address().city()),
    STATE(faker -> faker.address().state()),
    POST_CODE(faker -> faker.address().zipCode()),
    PHONE(faker -> faker.phoneNumber().phoneNumber()),
    CELL(faker -> faker.phoneNumber().cellPhone());

    private final Function<Faker, String> generator;

    Kind(Function<Faker, String> generator) {
      this.generator = generator;
    }
  }

  /** A country and its values. Each value is generated when it is first used. */
  private static final class Home {

    private final String nationality;
    private final String country;
    private final Random random = new Random(0);
    private final Faker faker;
    private final String[][] stock = new String[Kind.values().length][VALUES_PER_KIND];

    private Home(String nationality, String country, String language) {
      this.nationality = nationality;
      this.country = country;
      this.faker = new Faker(Locale.forLanguageTag(language), random);
    }

    private String drawn(Kind kind, Random draw) {
      int number = draw.nextInt(VALUES_PER_KIND);
      String[] values = stock[kind.ordinal()];
      if (values[number] == null) {
        random.setSeed((long) kind.ordinal() * VALUES_PER_KIND + number);
        values[number] = kind.generator.apply(faker);
      }
      return values[number];
    }
  }

  private final Random random = new Random(0);
  private final List<Home> homes =
      List.of(
          new Home("US", "United States", "en-US"),
          new Home("GB", "United Kingdom", "en-GB"),
          new Home("DE", "Germany", "de"),
          new Home("FR", "France", "fr"),
          new Home("ES", "Spain", "es"),
          new Home("NO", "Norway", "nb-NO"),
          new Home("TR", "Turkey", "tr"));

  /**
   * Loads the data files of the generators. This takes about a second and must not delay the first
   * events.
   */
  SyntheticProfiles() {
    UserEvent.Builder scratch = UserEvent.of(EventType.UPDATED, new UUID(0, 0), "scratch", 0);
    try {
      for (int draw = 0; draw < homes.size() * WARM_UP_EVENTS; draw++) {
        whole(scratch, draw, draw);
        changes(scratch, draw, draw);
      }
    } catch (InvalidValueException invalid) {
      throw new IllegalStateException("Generated an invalid value", invalid);
    }
  }

  private Home start(long home, long content) {
    random.setSeed(content);
    return homes.get((int) Long.remainderUnsigned(home, homes.size()));
  }

  /** Sets a complete profile of a user from the country that the number selects. */
  void whole(UserEvent.Builder event, long homeDraw, long content) throws InvalidValueException {
    Home home = start(homeDraw, content);
    boolean female = random.nextBoolean();
    String first = home.drawn(female ? Kind.WOMANS_NAME : Kind.MANS_NAME, random);
    String last = home.drawn(Kind.LAST_NAME, random);
    event
        .text(UserField.FIRST_NAME, first)
        .text(UserField.LAST_NAME, last)
        .text(UserField.GENDER, female ? "female" : "male")
        .text(UserField.TITLE, female ? "Ms" : "Mr")
        .text(UserField.NATIONALITY, home.nationality)
        .timestamp(UserField.DOB, instant(EARLIEST_BIRTH, LATEST_BIRTH))
        .timestamp(UserField.REGISTERED_DATE, instant(EARLIEST_REGISTRATION, LATEST_REGISTRATION));
    login(event, first, last);
    address(event, home);
    phones(event, home);
    picture(event, female ? "women" : "men");
  }

  /** Sets one to three groups of changed fields; sometimes clears a field. */
  void changes(UserEvent.Builder event, long homeDraw, long content) throws InvalidValueException {
    Home home = start(homeDraw, content);
    List<Integer> kinds = new ArrayList<>(List.of(0, 1, 2, 3, 4));
    int changes = 1 + random.nextInt(3);
    for (int change = 0; change < changes; change++) {
      switch (kinds.remove(random.nextInt(kinds.size()))) {
        case 0 ->
            login(
                event,
                home.drawn(random.nextBoolean() ? Kind.WOMANS_NAME : Kind.MANS_NAME, random),
                home.drawn(Kind.LAST_NAME, random));
        case 1 -> address(event, home);
        case 2 -> phones(event, home);
        case 3 -> picture(event, random.nextBoolean() ? "women" : "men");
        default -> event.text(UserField.LAST_NAME, home.drawn(Kind.LAST_NAME, random));
      }
    }
    if (random.nextInt(10) == 0) {
      event.cleared(random.nextBoolean() ? UserField.TITLE : UserField.DOB);
    }
  }

  private void login(UserEvent.Builder event, String first, String last)
      throws InvalidValueException {
    String login = ascii(first) + "." + ascii(last);
    event
        .text(UserField.EMAIL, login + random.nextInt(1000) + "@example.com")
        .text(UserField.USERNAME, login.replace(".", "") + random.nextInt(10_000));
  }

  /** The letters a to z of a name, without accents. */
  private static String ascii(String name) {
    String plain = Normalizer.normalize(name, Normalizer.Form.NFD);
    StringBuilder letters = new StringBuilder(plain.length());
    for (int index = 0; index < plain.length(); index++) {
      char character = Character.toLowerCase(plain.charAt(index));
      if (character >= 'a' && character <= 'z') {
        letters.append(character);
      }
    }
    return letters.isEmpty() ? "user" : letters.toString();
  }

  private void address(UserEvent.Builder event, Home home) throws InvalidValueException {
    String street = (1 + random.nextInt(9999)) + " " + home.drawn(Kind.STREET, random);
    String city = home.drawn(Kind.CITY, random);
    String state = home.drawn(Kind.STATE, random);
    int hours = random.nextInt(24) - 11;
    event
        .text(UserField.STREET, street)
        .text(UserField.CITY, city)
        .text(UserField.STATE, state)
        .text(UserField.COUNTRY, home.country)
        .text(UserField.POST_CODE, home.drawn(Kind.POST_CODE, random))
        .text(UserField.ADDRESS, String.join(", ", street, city, state, home.country))
        .decimal(UserField.LATITUDE, degrees(90))
        .decimal(UserField.LONGITUDE, degrees(180))
        .text(UserField.TIMEZONE, (hours < 0 ? "" : "+") + hours + ":00");
  }

  /** Four decimals, independent of the default locale. */
  private String degrees(int bound) {
    return Double.toString((random.nextInt(20_000 * bound + 1) - 10_000 * bound) / 10_000.0);
  }

  private void phones(UserEvent.Builder event, Home home) throws InvalidValueException {
    event
        .text(UserField.PHONE, home.drawn(Kind.PHONE, random))
        .text(UserField.CELL, home.drawn(Kind.CELL, random));
  }

  private void picture(UserEvent.Builder event, String folder) throws InvalidValueException {
    event.text(
        UserField.PICTURE,
        "https://randomuser.me/api/portraits/med/"
            + folder
            + "/"
            + random.nextInt(PORTRAITS)
            + ".jpg");
  }

  private String instant(long from, long until) {
    long span = until - from;
    return Instant.ofEpochMilli(from + (long) (random.nextDouble() * span)).toString();
  }
}
