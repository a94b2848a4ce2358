package io.foldlog.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class EventCodecTest {

  private final EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);

  @Provide
  Arbitrary<UserEvent> events() {
    return Histories.events();
  }

  @Property
  void shouldDecodeAnEncodedEventUnchanged(@ForAll("events") UserEvent event) {
    byte[] bytes = EventEncoder.value(event);
    DecodeResult decoded =
        decoder.decode(
            TestEvents.rawRecord(EventEncoder.key(event), bytes, event.timeMicros() / 1000));

    assertThat(decoded).isEqualTo(event);
    assertThat(EventEncoder.value((UserEvent) decoded)).isEqualTo(bytes);
    assertThat(event.id()).matches("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-.{12}");
  }

  /** Text beyond the samples of {@link Histories}: every plane, blanks, any length. */
  @Property
  void shouldNormaliseTextIdempotently(@ForAll String text) {
    byte[] normalised;
    try {
      normalised = CqlCodec.ofText(text);
      assertThat(CqlCodec.ofText(new String(normalised, StandardCharsets.UTF_8)))
          .isEqualTo(normalised);
    } catch (InvalidValueException invalid) {
      assertThat(invalid.code()).isIn(Rejection.Code.BAD_VALUE, Rejection.Code.TOO_LARGE);
      return;
    }

    assertThat(UserEvent.isCleared(normalised)).isEqualTo(isBlank(text));
    assertThat(normalised.length).isLessThanOrEqualTo(CqlCodec.MAX_TEXT_BYTES);
  }

  private static boolean isBlank(String text) {
    return text.codePoints()
        .allMatch(
            point ->
                Character.isWhitespace(point) || Character.isSpaceChar(point) || point == 0x85);
  }
}
