package io.foldlog.contract;

import java.util.Objects;

/** The rules of this release. */
record CurrentDecodeRules(EventDecoder.CreateTime createTime) implements DecodeRules {

  CurrentDecodeRules {
    Objects.requireNonNull(createTime);
  }

  @Override
  public int version() {
    return DecodeVersion.CURRENT;
  }

  @Override
  public EventDecoder newDecoder() {
    return new EventDecoder(createTime);
  }
}
