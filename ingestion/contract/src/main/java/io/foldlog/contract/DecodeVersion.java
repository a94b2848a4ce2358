package io.foldlog.contract;

/**
 * The version of decoding and folding. It grows with every change that makes any record of an old
 * log decode or fold to something else; what was folded by another version is folded anew.
 */
public final class DecodeVersion {

  /**
   * Of the contract that runs; no constant of the compiler's, which others would keep a copy of.
   */
  public static final int CURRENT = Integer.valueOf(1);

  private DecodeVersion() {}
}
