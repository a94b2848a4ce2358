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
 * The certificates of a cluster, made by the JDK's keytool: an authority of its own, of each host a
 * key that it has signed, and whom to trust. The folder has mode 700.
 *
 * @param folder of them all
 */
public record Certificates(Path folder) {

  private static final String DAYS = "3650";

  /** Makes what is missing for the hosts, each a name or an address that clients ask for. */
  public void make(List<String> hosts) throws IOException {
    PrivateFile.createFolder(folder);
    PrivateFile.generate(keyStorePassword());
    PrivateFile.generate(trustStorePassword());
    if (!Files.exists(trustStore())) {
      makeAuthority();
    }
    for (String host : hosts) {
      if (!Files.exists(keyStore(host))) {
        makeKey(host);
      }
    }
  }

  /** PKCS12, with the host's key and its certificate. */
  public Path keyStore(String host) {
    return folder.resolve(host + ".p12");
  }

  /** The file of the password of every key store. */
  public Path keyStorePassword() {
    return folder.resolve("key-stores.password");
  }

  /** PKCS12, with the authority's certificate. */
  public Path trustStore() {
    return folder.resolve("trust-store.p12");
  }

  /** The file of its password. */
  public Path trustStorePassword() {
    return folder.resolve("trust-store.password");
  }

  /** The authority's certificate as PEM. */
  public Path authority() {
    return folder.resolve("authority.pem");
  }

  /** What the servers' configuration has to say of the stores of that host. */
  Map<String, Object> templateValues(String host) throws IOException {
    return Map.of(
        "key-store", keyStore(host),
        "key-store-password", Files.readString(keyStorePassword()).strip(),
        "trust-store", trustStore(),
        "trust-store-password", Files.readString(trustStorePassword()).strip());
  }

  private void makeAuthority() throws IOException {
    Path store = folder.resolve("authority.p12");
    Files.deleteIfExists(store);
    keytool(
        own(store, "-genkeypair", "authority"),
        List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", DAYS),
        List.of("-dname", "CN=foldlog authority", "-ext", "bc:critical=ca:true"),
        List.of("-ext", "ku:critical=keyCertSign,cRLSign"));
    keytool(
        own(store, "-exportcert", "authority"), List.of("-rfc", "-file", authority().toString()));
    Path trusted = folder.resolve("trust-store.new");
    Files.deleteIfExists(trusted);
    keytool(
        List.of("-importcert", "-noprompt", "-alias", "authority"),
        List.of("-file", authority().toString(), "-keystore", trusted.toString()),
        List.of("-storetype", "PKCS12", "-storepass:file", trustStorePassword().toString()));
    Files.move(trusted, trustStore(), StandardCopyOption.ATOMIC_MOVE);
  }

  private void makeKey(String host) throws IOException {
    Path store = folder.resolve(host + ".new");
    Path request = folder.resolve(host + ".csr");
    Path signed = folder.resolve(host + ".pem");
    Files.deleteIfExists(store);
    boolean address = host.matches("[0-9.]+|.*:.*");
    String names = "san=" + (address ? "ip:" : "dns:") + host + ",dns:localhost,ip:127.0.0.1";
    keytool(
        own(store, "-genkeypair", "server"),
        List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", DAYS),
        List.of("-dname", "CN=" + host));
    keytool(own(store, "-certreq", "server"), List.of("-file", request.toString()));
    keytool(
        own(folder.resolve("authority.p12"), "-gencert", "authority"),
        List.of("-infile", request.toString(), "-outfile", signed.toString(), "-rfc"),
        List.of("-validity", DAYS, "-ext", names, "-ext", "eku=serverAuth,clientAuth"));
    keytool(
        own(store, "-importcert", "authority"),
        List.of("-noprompt", "-file", authority().toString()));
    keytool(own(store, "-importcert", "server"), List.of("-file", signed.toString()));
    Files.delete(request);
    Files.move(store, keyStore(host), StandardCopyOption.ATOMIC_MOVE);
  }

  private List<String> own(Path store, String command, String alias) {
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
    for (List<String> some : arguments) {
      command.addAll(some);
    }
    Path said = Files.createTempFile(folder, "keytool", ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("keytool failed: " + Files.readString(said).strip());
      }
      Files.delete(said);
    } catch (InterruptedException interruption) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while keytool ran", interruption);
    }
  }
}
