package io.foldlog.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foldlog.runtime.Settings;
import org.junit.jupiter.api.Test;

class LakeSettingsTest {

  @Test
  void shouldRequireTheRoot() {
    assertThatThrownBy(() -> LakeSettings.from(Settings.of("")))
        .hasMessageContaining("lake.root is \"\"; it must not be empty");
  }

  @Test
  void shouldRejectUnsupportedStores() {
    assertThatThrownBy(() -> LakeSettings.from(Settings.of("lake.root = \"hdfs://host/lake\"")))
        .hasMessageContaining("must be a folder of this machine, or s3a://bucket/folder");
  }

  @Test
  void shouldConfigureOnlyTheBucketOfTheRoot() {
    LakeSettings lake =
        LakeSettings.from(
            Settings.of(
                "lake { root = \"s3a://lake/users\", s3.endpoint = \"http://store:9000\" }"));
    assertThat(lake.hadoop())
        .containsEntry("fs.s3a.bucket.lake.endpoint", "http://store:9000")
        .containsEntry("fs.s3a.bucket.lake.path.style.access", "false")
        .doesNotContainKey("fs.s3a.bucket.lake.secret.key");
  }

  @Test
  void shouldNotConfigureAStoreForAFolder() {
    assertThat(LakeSettings.from(Settings.of("lake.root = lake")).hadoop()).isEmpty();
  }
}
