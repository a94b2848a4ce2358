package io.foldlog.contract;

/**
 * The version of decoding and folding. It grows with every change that makes any record of an old
 * log decode or fold to something else; what was folded by another version is folded anew.
 */
public final class DecodeVersion {

  /** Of this release; {@link DecodeRules} hands it on. */
  static final int CURRENT = 1;

  private DecodeVersion() {}
}
