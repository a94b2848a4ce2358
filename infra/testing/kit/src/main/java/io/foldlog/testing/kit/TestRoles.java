package io.foldlog.testing.kit;

/**
 * The view's roles on the shared node. A role belongs to the whole cluster, so all tests use these.
 */
public final class TestRoles {

  /** Owns the keyspace of the view. */
  public static final String ADMIN = "pipeline_admin";

  public static final String ADMIN_PASSWORD = "admin-word";

  /** Writes the view. */
  public static final String WRITER = "pipeline_writer";

  public static final String WRITER_PASSWORD = "writer-word";

  /** Reads the view. */
  public static final String READER = "pipeline_reader";

  public static final String READER_PASSWORD = "reader-word";

  private TestRoles() {}
}
