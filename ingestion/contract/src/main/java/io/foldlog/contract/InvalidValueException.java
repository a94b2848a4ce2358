package io.foldlog.contract;

/** A value that breaks its field's rule; the message names the rule, never the value. */
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
