package io.foldlog.view;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * Whom to trust when the view is reached over TLS.
 *
 * @param store a Java key store (PKCS12 or JKS) with the authority's certificate
 * @param password of the store
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
