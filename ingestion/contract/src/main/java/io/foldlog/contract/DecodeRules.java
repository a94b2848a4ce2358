package io.foldlog.contract;

import java.io.Serializable;

/**
 * The rules by which records are read: one decode version, and what to do with the producers'
 * timestamps. Everything that decodes is given its rules; nothing looks the version up.
 */
public interface DecodeRules extends Serializable {

  /**
   * The version of decoding and folding. It grows with every change that makes any record of an old
   * log decode or fold to something else; what was folded by another version is folded again.
   */
  int version();

  /** What to do with records whose timestamp is the producer's. */
  EventDecoder.CreateTime createTime();

  /** A decoder by these rules, for one thread. */
  EventDecoder newDecoder();

  /** The rules of this release. */
  static DecodeRules current(EventDecoder.CreateTime createTime) {
    return new CurrentDecodeRules(createTime);
  }
}
