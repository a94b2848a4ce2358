package io.foldlog.lake;

/** The error messages of this module. A rule completes the sentence "the setting is …; it …". */
final class LakeErrors {

  static final String ROOT_RULE = "must be a folder of this machine, or s3a://bucket/folder";

  private LakeErrors() {}
}
