package io.foldlog.contract;

/**
 * The version of decoding and folding. Every change that makes an old record decode or fold
 * differently raises it. A state that was folded with another version is folded again.
 */
public final class DecodeVersion {

  /** Of this release; {@link DecodeRules} hands it on. */
  static final int CURRENT = 2;

  private DecodeVersion() {}
}
