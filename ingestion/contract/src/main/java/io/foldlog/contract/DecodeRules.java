package io.foldlog.contract;

import java.io.Serializable;

/**
 * The rules for decoding records: a decode version and the treatment of producers' timestamps.
 * Every component that decodes receives its rules as a parameter. There is no global version.
 */
public interface DecodeRules extends Serializable {

  /**
   * The version of decoding and folding. Every change that makes an old record decode or fold
   * differently raises it. A state that was folded with another version is folded again.
   */
  int version();

  /** The treatment of records whose timestamp is the producer's. */
  EventDecoder.CreateTime createTime();

  /** Creates a decoder with these rules, for one thread. */
  EventDecoder newDecoder();

  /** The rules of this release. */
  static DecodeRules current(EventDecoder.CreateTime createTime) {
    return new CurrentDecodeRules(createTime);
  }
}
