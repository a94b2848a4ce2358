package io.foldlog.view;

import static java.util.Objects.requireNonNull;

/**
 * A role of the view's database and its password. The password is never printed.
 *
 * @param role lower-case letters, digits and underscores; starts with a letter
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
