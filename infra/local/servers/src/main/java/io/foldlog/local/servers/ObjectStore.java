package io.foldlog.local.servers;

import io.foldlog.runtime.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real S3-compatible store (S3Proxy over a folder) as a child process, for tests. */
public final class ObjectStore extends ServerProcess {

  /** The access key of clients. */
  public static final String ACCESS_KEY = "pipeline";

  private static final String MAIN = "org.gaul.s3proxy.Main";

  private final Path folder;
  private final int port;

  private ObjectStore(Path folder, int port) {
    super("S3Proxy", folder);
    this.folder = folder;
    this.port = port;
  }

  /** A store on a free port, not started yet. */
  public static ObjectStore in(Path folder) {
    return new ObjectStore(folder.toAbsolutePath().normalize(), FreePort.next());
  }

  /** Where clients connect. */
  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** The file of the secret of {@link #ACCESS_KEY}. It exists after the first start. */
  public Path secretKey() {
    return folder.resolve("conf").resolve("secret-key");
  }

  /** Creates a bucket. Its objects are files in the returned folder. */
  public Path createBucket(String name) throws IOException {
    return Files.createDirectories(data().resolve(name));
  }

  private Path data() {
    return folder.resolve("data");
  }

  @Override
  Launch launch() throws IOException {
    Path configuration = Files.createDirectories(folder.resolve("conf"));
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Files.createDirectories(data());
    PrivateFile.generate(secretKey());
    Map<String, Object> values =
        Map.of(
            "port", port,
            "access-key", ACCESS_KEY,
            "secret-key", Files.readString(secretKey()).strip(),
            "data", data(),
            "temporary", temporary);
    Path properties =
        PrivateFile.write(
            configuration.resolve("s3.properties"), new Template("s3.properties").render(values));
    Path arguments =
        ArgumentFile.write(
            configuration.resolve("java.args"),
            new Template("s3-jvm.options"),
            values,
            ServerClassPath.of("s3"),
            List.of(MAIN, "--properties", properties.toString()));
    return new Launch(List.of(), arguments, List.of("Started"));
  }
}
