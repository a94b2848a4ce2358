package io.foldlog.local.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A real Cassandra node as a child process, with password login. Initially its superuser is {@code
 * cassandra} with the password {@code cassandra}.
 */
public final class CassandraNode extends ServerProcess implements CassandraService {

  /** Each connection logs in, and Cassandra's default of 10 rounds takes 50 ms of CPU per login. */
  private static final String FEW_PASSWORD_ROUNDS = "-Dcassandra.auth_bcrypt_gensalt_log2_rounds=4";

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
    List<String> readyMessages = new ArrayList<>(List.of("Starting listening for CQL clients"));
    if (specification.hasNoData()) {
      readyMessages.add("Created default superuser role");
    }
    return new Launch(List.of(FEW_PASSWORD_ROUNDS), specification.prepare(), readyMessages);
  }
}
