package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * The trusted certificates for TLS connections to the view.
 *
 * @param store a Java key store (PKCS12 or JKS) with the certificate of the authority
 * @param password the password of the store
 */
public record ViewTrust(Path store, String password) {

  public ViewTrust {
    requireNonNull(store);
    requireNonNull(password);
  }

  @Override
  public String toString() {
    return store.toString();
  }
}
