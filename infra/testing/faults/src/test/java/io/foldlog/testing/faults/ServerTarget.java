package io.foldlog.testing.faults;

import io.foldlog.local.servers.ServerProcess;

/** Kafka or Cassandra. */
record ServerTarget(ServerProcess server) implements FaultTarget {

  @Override
  public void kill() {
    server.kill();
  }

  @Override
  public void freeze() {
    server.freeze();
  }

  @Override
  public void resume() {
    server.resume();
  }

  @Override
  public void start() {
    server.start();
  }

  @Override
  public void close() {
    server.close();
  }
}
