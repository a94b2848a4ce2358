package io.foldlog.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.runtime.Settings;
import io.foldlog.view.DecodeVersions.OlderVersion;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SpeedLayerSettingsTest {

  private static final String REQUIRED =
      "speed-layer { checkpoint = checkpoint, status-file = status.json }\n";

  @Test
  void shouldReadDefaultsOfReferenceFile() {
    SpeedLayerSettings settings = SpeedLayerSettings.from(Settings.of(REQUIRED));

    assertThat(settings.trigger()).isEqualTo(TriggerMode.CONTINUOUS);
    assertThat(settings.epochInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.checkpoint()).isAbsolute();
    assertThat(settings.master()).isEqualTo("local[2]");
    assertThat(settings.spark()).isEmpty();
    assertThat(settings.olderVersion()).isEqualTo(OlderVersion.REFUSE);
  }

  @Test
  void shouldAcceptOlderVersionOnlyWhenSet() {
    SpeedLayerSettings settings =
        SpeedLayerSettings.from(Settings.of(REQUIRED + "speed-layer.accept-older-version = true"));

    assertThat(settings.olderVersion()).isEqualTo(OlderVersion.ACCEPT);
  }

  @Test
  void shouldReadSparkSettings() {
    SpeedLayerSettings settings =
        SpeedLayerSettings.from(
            Settings.of(
                REQUIRED + "speed-layer { trigger = micro-batch, spark { executor.cores = 2 } }"));

    assertThat(settings.trigger()).isEqualTo(TriggerMode.MICRO_BATCH);
    assertThat(settings.spark()).containsEntry("executor.cores", "2");
  }

  @Test
  void shouldRejectOutageTimeoutAboveMaximum() {
    assertThatThrownBy(
            () ->
                SpeedLayerSettings.from(
                    Settings.of(REQUIRED + "speed-layer.outage-timeout = 3 minutes")))
        .hasMessageContaining("speed-layer.outage-timeout")
        .hasMessageContaining("must be from 5 s to 100 s");
  }
}
