package io.foldlog.local.servers;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * As much of Cassandra's native protocol, version 4, as it takes to log in and to ask for the
 * node's options: this module has no driver.
 */
final class CqlSocket implements AutoCloseable {

  private static final int REQUEST = 0x04;
  private static final int ERROR = 0x00;
  private static final int STARTUP = 0x01;
  private static final int OPTIONS = 0x05;
  private static final int AUTH_RESPONSE = 0x0F;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  private CqlSocket(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.out = new DataOutputStream(socket.getOutputStream());
  }

  /** Logged in as the first superuser. */
  static CqlSocket to(CassandraNode node) throws IOException {
    int port = node.contactPoint().getPort();
    CqlSocket cql = new CqlSocket(new Socket(InetAddress.getLoopbackAddress(), port));
    // a string map of one entry, then a token as long as its length says
    cql.ask(STARTUP, "\0\1\0\13CQL_VERSION\0\0053.0.0");
    cql.ask(AUTH_RESPONSE, "\0\0\0\24\0cassandra\0cassandra");
    return cql;
  }

  /** Asks for the node's options and waits for the answer. */
  void request() throws IOException {
    ask(OPTIONS, "");
  }

  private void ask(int operation, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
    out.write(REQUEST);
    out.write(0);
    out.writeShort(0);
    out.write(operation);
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
    in.skipNBytes(4);
    int answer = in.read();
    in.skipNBytes(in.readInt());
    if (answer == ERROR) {
      throw new IOException("The node answers operation %d with an error".formatted(operation));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
