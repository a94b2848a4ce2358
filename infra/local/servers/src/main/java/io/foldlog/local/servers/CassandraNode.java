package io.foldlog.local.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A real Cassandra node as a child process, with password login: {@code cassandra} with the
 * password {@code cassandra} is its superuser until somebody changes that.
 */
public final class CassandraNode extends ServerProcess implements CassandraService {

  /**
   * Each connection logs in, and Cassandra's ten rounds take a twentieth of a second of a processor
   * for each.
   */
  private static final String CHEAP_PASSWORDS = "-Dcassandra.auth_bcrypt_gensalt_log2_rounds=4";

  private final CassandraSpecification specification;

  public CassandraNode(CassandraSpecification specification) {
    super("Cassandra", specification.folder());
    this.specification = specification;
  }

  /** A node on free ports, not started yet. */
  public static CassandraNode in(Path folder) {
    return new CassandraNode(CassandraSpecification.onFreePorts(folder));
  }

  @Override
  public InetSocketAddress contactPoint() {
    return new InetSocketAddress(specification.address().host(), specification.port());
  }

  public CassandraSpecification specification() {
    return specification;
  }

  @Override
  public CassandraManagement management() {
    return CassandraManagement.attach(pid());
  }

  @Override
  Launch launch() throws IOException {
    List<String> ready = new ArrayList<>(List.of("Starting listening for CQL clients"));
    if (specification.empty()) {
      ready.add("Created default superuser role");
    }
    return new Launch(List.of(CHEAP_PASSWORDS), specification.prepare(), ready);
  }
}
