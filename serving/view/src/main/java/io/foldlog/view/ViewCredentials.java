package io.foldlog.view;

import static java.util.Objects.requireNonNull;

/**
 * A role of the view's database and its password, which is never printed.
 *
 * @param role lower-case letters, digits and underscores, a letter first
 */
public record ViewCredentials(String role, String password) {

  public ViewCredentials {
    requireNonNull(password);
    if (!role.matches("[a-z][a-z0-9_]{0,47}")) {
      throw new IllegalArgumentException("The role %s %s".formatted(role, ViewErrors.NAME_RULE));
    }
  }

  @Override
  public String toString() {
    return role;
  }
}
