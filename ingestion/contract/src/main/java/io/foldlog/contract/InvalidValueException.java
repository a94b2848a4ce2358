package io.foldlog.contract;

/**
 * A value violates the rule of its field. The message states the rule and never contains the value.
 */
public final class InvalidValueException extends Exception {

  private final transient Rejection.Code code;

  InvalidValueException(Rejection.Code code, String rule) {
    super(rule, null, false, false);
    this.code = code;
  }

  /** {@code BAD_VALUE} or {@code TOO_LARGE}. */
  public Rejection.Code code() {
    return code;
  }
}
