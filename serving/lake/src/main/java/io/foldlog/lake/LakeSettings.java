package io.foldlog.lake;

import io.foldlog.runtime.Secret;
import io.foldlog.runtime.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The section {@code lake}.
 *
 * @param root the root of the tables: an absolute folder of this machine, or s3a://bucket/folder
 * @param store the object store, if the root is in one
 */
public record LakeSettings(String root, Optional<Store> store) {

  /**
   * An S3-compatible object store.
   *
   * @param endpoint the address; empty for Amazon S3
   * @param region the region for signatures
   * @param pathStyleAccess whether the bucket is part of the path instead of the host name
   * @param login the credentials; if empty, the client looks them up itself
   */
  public record Store(
      Optional<String> endpoint, String region, boolean pathStyleAccess, Optional<Login> login) {}

  /** An access key and its secret. The secret is read when it is needed. */
  public record Login(String accessKey, Secret secretKey) {}

  public LakeSettings {
    Objects.requireNonNull(root);
    Objects.requireNonNull(store);
  }

  /** Maps the section. */
  public static LakeSettings from(Settings settings) {
    Settings.Section section = settings.section("lake");
    String root = section.text("root");
    if (root.startsWith("s3a://")) {
      return new LakeSettings(root, Optional.of(store(section.section("s3"))));
    }
    if (root.contains("://")) {
      throw section.reject("root", LakeErrors.ROOT_RULE);
    }
    return new LakeSettings(
        Path.of(root).toAbsolutePath().normalize().toString(), Optional.empty());
  }

  private static Store store(Settings.Section section) {
    return new Store(
        section.optionalText("endpoint"),
        section.text("region"),
        section.flag("path-style-access"),
        section
            .optionalText("access-key")
            .map(key -> new Login(key, section.secret("secret-key-file"))));
  }

  /**
   * The Hadoop properties of the object store, for the bucket of this root only. They include the
   * secret key, so set them in memory and not on a command line, which other users can read.
   */
  public Map<String, String> hadoop() {
    Map<String, String> hadoop = new LinkedHashMap<>();
    store.ifPresent(
        s3 -> {
          String prefix = "fs.s3a.bucket.%s.".formatted(URI.create(root).getHost());
          s3.endpoint().ifPresent(address -> hadoop.put(prefix + "endpoint", address));
          hadoop.put(prefix + "endpoint.region", s3.region());
          hadoop.put(prefix + "path.style.access", Boolean.toString(s3.pathStyleAccess()));
          // with a wrong secret the client would retry for two minutes, because it assumes a wrong
          // clock; Hadoop itself repeats other failures
          hadoop.put(prefix + "attempts.maximum", "5");
          s3.login()
              .ifPresent(
                  login -> {
                    hadoop.put(prefix + "access.key", login.accessKey());
                    hadoop.put(prefix + "secret.key", login.secretKey().read());
                  });
        });
    return hadoop;
  }
}
