package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the parsers of the decoder with those of the Java platform. */
class ParsersTest {

  private static final DateTimeFormatter WITH_OFFSET =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSxxx");

  @Property
  void shouldParseTimesAsThePlatformDoes(
      @ForAll @LongRange(min = -62_135_500_000_000_000L, max = 253_402_200_000_000_000L)
          long micros,
      @ForAll @IntRange(min = -1080, max = 1080) int offsetMinutes) {
    Instant instant =
        Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    OffsetDateTime shifted = instant.atOffset(ZoneOffset.ofTotalSeconds(offsetMinutes * 60));

    assertThat(Rfc3339.parseMicros(Rfc3339.formatMicros(micros))).isEqualTo(micros);
    if (shifted.getYear() >= 1 && shifted.getYear() <= 9999) {
      String text = WITH_OFFSET.format(shifted);
      assertThat(Rfc3339.parseMicros(text)).as(text).isEqualTo(micros);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-10T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z",
        "2024-06-29T23:59:60Z",
        "2024-07-01T23:59:60Z",
        "2024-06-30T23:59:61Z",
        "2024-06-30T23:59:60+00:01",
        "2024-01-01T00:00:00",
        "2024-01-01 00:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00Z",
        "0000-12-31T23:59:59Z",
        "10000-01-01T00:00:00Z",
        "2024-01-01T00:00:00+2:00",
        "2024-01-01T00:00:00+24:00",
        "\uFF12024-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z ",
        "",
        "now",
        "9999-12-31T23:59:59-01:00"
      })
  void shouldRejectInvalidTimes(String text) {
    assertThat(Rfc3339.parseMicros(text)).isEqualTo(Rfc3339.INVALID);
  }

  /** The examples of RFC 3339, section 5.8. */
  @ParameterizedTest
  @CsvSource({
    "1985-04-12T23:20:50.52Z,       1985-04-12T23:20:50.520Z",
    "1996-12-19T16:39:57-08:00,     1996-12-20T00:39:57Z",
    "1990-12-31T23:59:60Z,          1990-12-31T23:59:59.999999Z",
    "1990-12-31T15:59:60-08:00,     1990-12-31T23:59:59.999999Z",
    "1937-01-01T12:00:27.87+00:20,  1937-01-01T11:40:27.870Z",
    "2024-01-01T00:00:00-00:00,     2024-01-01T00:00:00Z",
    "1969-12-31T23:59:59.9999999Z,  1969-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:60Z,          9999-12-31T23:59:59.999999Z",
  })
  void shouldParseExamplesOfTheStandard(String text, Instant expected) {
    assertThat(Rfc3339.parseMicros(text))
        .isEqualTo(expected.getEpochSecond() * 1_000_000 + expected.getNano() / 1_000);
  }

  @Property
  void shouldValidateUtf8AsThePlatformDoes(@ForAll @Size(max = 6) byte[] bytes) {
    assertThat(Utf8.isWellFormedText(bytes)).isEqualTo(isValidForThePlatform(bytes));
  }

  /** Bytes near the boundaries of the encoding, which random bytes rarely hit. */
  @Property(tries = 20_000)
  void shouldValidateMultiByteUtf8AsThePlatformDoes(
      @ForAll @IntRange(min = 0xBF, max = 0xFF) int lead,
      @ForAll @IntRange(min = 0x7F, max = 0xC1) int second,
      @ForAll @IntRange(min = 0x7F, max = 0xC1) int third,
      @ForAll @IntRange(min = 0x7F, max = 0xC1) int fourth,
      @ForAll @IntRange(min = 1, max = 4) int length) {
    byte[] bytes =
        Arrays.copyOf(new byte[] {(byte) lead, (byte) second, (byte) third, (byte) fourth}, length);

    assertThat(Utf8.isWellFormedText(bytes)).isEqualTo(isValidForThePlatform(bytes));
  }

  private static boolean isValidForThePlatform(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes))
          .chars()
          .allMatch(character -> character != 0);
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }

  @Property
  void shouldParseUserIdsInUpperAndLowerCase(@ForAll long most, @ForAll long least) {
    UUID id = new UUID(most, least);

    assertThat(UserId.parse(id.toString())).contains(id);
    assertThat(UserId.parse(id.toString().toUpperCase(Locale.ROOT))).contains(id);
    assertThat(UserId.isKeyOf(id, key(id))).isTrue();
    assertThat(UserId.isKeyOf(id, key(new UUID(most, least ^ 1)))).isFalse();
    assertThat(UserId.isKeyOf(id, key(new UUID(most ^ 1L << 63, least)))).isFalse();
  }

  private static byte[] key(UUID id) {
    return id.toString().getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1-1-1-1-1",
        "{0f8fad5b-d9cb-469f-a165-70867728950e}",
        "0f8fad5bd9cb469fa16570867728950e",
        "0f8fad5b-d9cb-469f-a165-70867728950g",
        "0f8fad5b-d9cb-469f-a165-7086772895\uFF10e",
        ""
      })
  void shouldRejectOtherFormsOfAUserId(String text) {
    assertThat(UserId.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NaN",
        "Infinity",
        "0x1p3",
        "1f",
        "1d",
        " 1",
        "1 ",
        "-",
        ".",
        ".5",
        "5.",
        "1e",
        "1e+",
        "\uFF11",
        "1,5",
        "90.0000001",
        "-91",
        "1e999"
      })
  void shouldRejectInvalidLatitudes(String text) {
    assertThatThrownBy(() -> CqlCodec.ofDecimal(UserField.LATITUDE, text))
        .isInstanceOf(InvalidValueException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-34.9050", "0", "-0.0", "+1", "1e1", "89.99999", "90", "-90"})
  void shouldParseDecimalsAsThePlatformDoes(String text) throws Exception {
    double read = ByteBuffer.wrap(CqlCodec.ofDecimal(UserField.LATITUDE, text)).getDouble();

    assertThat(Double.doubleToRawLongBits(read))
        .isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(text) + 0.0));
  }
}
