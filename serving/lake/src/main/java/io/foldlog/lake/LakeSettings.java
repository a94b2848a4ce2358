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
 * @param root of the tables: an absolute folder of this machine, or s3a://bucket/folder
 * @param store how the object store is reached, where the root is in one
 */
public record LakeSettings(String root, Optional<Store> store) {

  /**
   * An S3-compatible store.
   *
   * @param endpoint its address; empty for Amazon's own
   * @param region for signatures
   * @param pathStyleAccess whether the bucket is in the path and not in the host's name
   * @param login who writes; without, as the store's client finds it
   */
  public record Store(
      Optional<String> endpoint, String region, boolean pathStyleAccess, Optional<Login> login) {}

  /** An access key and its secret, which is read when it is needed. */
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
      throw section.refuse("root", LakeErrors.ROOT_RULE);
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
   * What Hadoop has to know of the store, by its own names, for this root's bucket alone. The
   * secret key is among it: set it in memory, because on a command line anybody could read it.
   */
  public Map<String, String> hadoop() {
    Map<String, String> hadoop = new LinkedHashMap<>();
    store.ifPresent(
        given -> {
          String prefix = "fs.s3a.bucket.%s.".formatted(URI.create(root).getHost());
          given.endpoint().ifPresent(address -> hadoop.put(prefix + "endpoint", address));
          hadoop.put(prefix + "endpoint.region", given.region());
          hadoop.put(prefix + "path.style.access", Boolean.toString(given.pathStyleAccess()));
          // the client takes a wrong secret for a wrong clock and would try for two minutes; what
          // is worth more tries, Hadoop repeats above it
          hadoop.put(prefix + "attempts.maximum", "5");
          given
              .login()
              .ifPresent(
                  login -> {
                    hadoop.put(prefix + "access.key", login.accessKey());
                    hadoop.put(prefix + "secret.key", login.secretKey().read());
                  });
        });
    return hadoop;
  }
}
