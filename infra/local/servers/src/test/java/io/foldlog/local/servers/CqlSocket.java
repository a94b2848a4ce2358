package io.foldlog.local.servers;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The part of Cassandra's native protocol, version 4, that is needed to log in and to request the
 * node's options. This module has no driver.
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

  /** Connects to the node and logs in as the initial superuser. */
  static CqlSocket to(CassandraNode node) throws IOException {
    int port = node.contactPoint().getPort();
    CqlSocket cql = new CqlSocket(new Socket(InetAddress.getLoopbackAddress(), port));
    // a string map with one entry, then a token with its length
    cql.send(STARTUP, "\0\1\0\13CQL_VERSION\0\0053.0.0");
    cql.send(AUTH_RESPONSE, "\0\0\0\24\0cassandra\0cassandra");
    return cql;
  }

  /** Requests the node's options and waits for the response. */
  void request() throws IOException {
    send(OPTIONS, "");
  }

  private void send(int operation, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
    out.write(REQUEST);
    out.write(0);
    out.writeShort(0);
    out.write(operation);
    out.writeInt(bytes.length);
    out.write(bytes);
    out.flush();
    in.skipNBytes(4);
    int response = in.read();
    in.skipNBytes(in.readInt());
    if (response == ERROR) {
      throw new IOException("The node answered operation %d with an error".formatted(operation));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
