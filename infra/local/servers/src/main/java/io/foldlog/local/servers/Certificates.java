package io.foldlog.local.servers;

import io.foldlog.runtime.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The certificates of a cluster, created with the JDK's keytool: a dedicated certificate authority,
 * a key store for each host, and a trust store. The folder has mode 700.
 *
 * @param folder of all stores and password files
 */
public record Certificates(Path folder) {

  private static final String VALIDITY_DAYS = "3650";

  /**
   * Creates missing stores and passwords.
   *
   * @param hosts host names or addresses as clients use them
   */
  public void make(List<String> hosts) throws IOException {
    PrivateFile.createFolder(folder);
    PrivateFile.generate(keyStorePassword());
    PrivateFile.generate(trustStorePassword());
    if (!Files.exists(trustStore())) {
      createAuthority();
    }
    for (String host : hosts) {
      if (!Files.exists(keyStore(host))) {
        createKey(host);
      }
    }
  }

  /** The PKCS12 key store of a host: its private key and certificate. */
  public Path keyStore(String host) {
    return folder.resolve(host + ".p12");
  }

  /** The password file of all key stores. */
  public Path keyStorePassword() {
    return folder.resolve("key-stores.password");
  }

  /** The PKCS12 trust store: the authority's certificate. */
  public Path trustStore() {
    return folder.resolve("trust-store.p12");
  }

  /** The password file of the trust store. */
  public Path trustStorePassword() {
    return folder.resolve("trust-store.password");
  }

  /** The authority's certificate as PEM. */
  public Path authority() {
    return folder.resolve("authority.pem");
  }

  /** Template values of the servers' configuration: the stores and passwords of a host. */
  Map<String, Object> templateValues(String host) throws IOException {
    return Map.of(
        "key-store", keyStore(host),
        "key-store-password", Files.readString(keyStorePassword()).strip(),
        "trust-store", trustStore(),
        "trust-store-password", Files.readString(trustStorePassword()).strip());
  }

  private void createAuthority() throws IOException {
    Path store = folder.resolve("authority.p12");
    Files.deleteIfExists(store);
    keytool(
        commandOnStore(store, "-genkeypair", "authority"),
        List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", VALIDITY_DAYS),
        List.of("-dname", "CN=foldlog authority", "-ext", "bc:critical=ca:true"),
        List.of("-ext", "ku:critical=keyCertSign,cRLSign"));
    keytool(
        commandOnStore(store, "-exportcert", "authority"),
        List.of("-rfc", "-file", authority().toString()));
    Path newTrustStore = folder.resolve("trust-store.new");
    Files.deleteIfExists(newTrustStore);
    keytool(
        List.of("-importcert", "-noprompt", "-alias", "authority"),
        List.of("-file", authority().toString(), "-keystore", newTrustStore.toString()),
        List.of("-storetype", "PKCS12", "-storepass:file", trustStorePassword().toString()));
    Files.move(newTrustStore, trustStore(), StandardCopyOption.ATOMIC_MOVE);
  }

  private void createKey(String host) throws IOException {
    Path store = folder.resolve(host + ".new");
    Path request = folder.resolve(host + ".csr");
    Path signed = folder.resolve(host + ".pem");
    Files.deleteIfExists(store);
    boolean isAddress = host.matches("[0-9.]+|.*:.*");
    String names = "san=" + (isAddress ? "ip:" : "dns:") + host + ",dns:localhost,ip:127.0.0.1";
    keytool(
        commandOnStore(store, "-genkeypair", "server"),
        List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", VALIDITY_DAYS),
        List.of("-dname", "CN=" + host));
    keytool(commandOnStore(store, "-certreq", "server"), List.of("-file", request.toString()));
    keytool(
        commandOnStore(folder.resolve("authority.p12"), "-gencert", "authority"),
        List.of("-infile", request.toString(), "-outfile", signed.toString(), "-rfc"),
        List.of("-validity", VALIDITY_DAYS, "-ext", names, "-ext", "eku=serverAuth,clientAuth"));
    keytool(
        commandOnStore(store, "-importcert", "authority"),
        List.of("-noprompt", "-file", authority().toString()));
    keytool(commandOnStore(store, "-importcert", "server"), List.of("-file", signed.toString()));
    Files.delete(request);
    Files.move(store, keyStore(host), StandardCopyOption.ATOMIC_MOVE);
  }

  private List<String> commandOnStore(Path store, String command, String alias) {
    return List.of(
        command,
        "-alias",
        alias,
        "-keystore",
        store.toString(),
        "-storetype",
        "PKCS12",
        "-storepass:file",
        keyStorePassword().toString());
  }

  @SafeVarargs
  private void keytool(List<String>... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-J-Duser.language=en", "-J-Duser.language.format=en"));
    for (List<String> group : arguments) {
      command.addAll(group);
    }
    Path output = Files.createTempFile(folder, "keytool", ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("keytool failed: " + Files.readString(output).strip());
      }
      Files.delete(output);
    } catch (InterruptedException interruption) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while keytool ran", interruption);
    }
  }
}
