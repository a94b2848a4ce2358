package io.foldlog.producer;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * A local server that simulates the API and its failures. {@link #then} sets the responses to the
 * next requests. All further requests get a valid response. Seeds, pages and versions have the
 * effects that they have in the API's own source, github.com/RandomAPI/Randomuser.me-Node.
 */
final class RandomUserServer implements AutoCloseable {

  /** The secrets of every user. No event may contain one. */
  static final List<String> SECRETS =
      List.of("pa55word", "s4lt", "d41d8cd9", "da39a3ee", "e3b0c442", "national-id-value", "SSN-x");

  /**
   * A request.
   *
   * @param version the version of the API, from the path
   * @param headers the values by name in lower case
   */
  record Request(String version, Map<String, String> query, Map<String, String> headers) {

    int results() {
      int wanted = Integer.parseInt(query.getOrDefault("results", "1"));
      return wanted < 1 || wanted > 5000 ? 1 : wanted;
    }

    int page() {
      int wanted = Integer.parseInt(query.getOrDefault("page", "1"));
      return wanted < 1 || wanted > 10_000 ? 1 : wanted;
    }
  }

  /** A response to one request. */
  @FunctionalInterface
  interface Response {
    void write(Request request, Socket socket) throws Exception;
  }

  private static final List<String> NATIONALITIES =
      List.of("US", "GB", "NO", "IR", "TR", "DE", "LEGO", "UA");

  private final ServerSocket socket;
  private final ExecutorService connections = Executors.newCachedThreadPool();
  private final Queue<Response> responses = new ConcurrentLinkedQueue<>();
  private final List<Map<String, String>> requests = new CopyOnWriteArrayList<>();

  RandomUserServer(int port) {
    try {
      socket = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    connections.execute(this::accept);
  }

  /** Serves until the process ends: {@code RandomUserServer 8080}. */
  public static void main(String[] arguments) {
    try (RandomUserServer server = new RandomUserServer(Integer.parseInt(arguments[0]))) {
      System.out.println(server.url());
      Thread.currentThread().join();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  URI url() {
    return url("1.4");
  }

  /** The address of another version of the API. */
  URI url(String version) {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/api/" + version + "/");
  }

  /** The received queries, in order. */
  List<Map<String, String>> requests() {
    return requests;
  }

  RandomUserServer then(Response... next) {
    responses.addAll(List.of(next));
    return this;
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        connections.execute(() -> serve(connection));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
      String request = reader.readLine();
      Map<String, String> headers = new HashMap<>();
      String header;
      while ((header = reader.readLine()) != null && !header.isEmpty()) {
        String[] parts = header.split(":", 2);
        headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
      }
      if (request != null) {
        URI uri = URI.create(request.split(" ")[1]);
        Map<String, String> query = query(uri);
        requests.add(query);
        Response response = responses.poll();
        (response == null ? page() : response)
            .write(new Request(uri.getPath().split("/")[2], query, headers), connection);
      }
    } catch (Exception broken) {
      // some tests close the connection
    }
  }

  private static Map<String, String> query(URI uri) {
    return Stream.of(uri.getRawQuery().split("&"))
        .map(pair -> pair.split("=", 2))
        .collect(
            Collectors.toMap(
                pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
  }

  /** The requested page. */
  static Response page() {
    return edited(body -> body);
  }

  /** The requested page after an edit of its JSON. */
  static Response edited(UnaryOperator<String> edit) {
    return (request, connection) ->
        write(
            connection,
            200,
            "application/json",
            edit.apply(body(request, request.results(), request.page())));
  }

  /** The requested page in gzip, unless the request excludes it. */
  static Response compressedUnlessExcluded() {
    return (request, connection) -> {
      byte[] body =
          body(request, request.results(), request.page()).getBytes(StandardCharsets.UTF_8);
      boolean isExcluded = "identity".equals(request.headers().get("accept-encoding"));
      OutputStream out = connection.getOutputStream();
      byte[] sent = isExcluded ? body : gzip(body);
      out.write(head(200, "application/json", sent.length));
      out.write(sent);
      out.flush();
    };
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    }
    return compressed.toByteArray();
  }

  /** The users of another page, under the number of the requested page. */
  static Response usersOfPage(int page) {
    return (request, connection) ->
        write(
            connection,
            200,
            "application/json",
            body(request, request.results(), page)
                .replace("\"page\":" + page, "\"page\":" + request.page()));
  }

  /** The API's response to an unsupported count: one user, status 200. */
  static Response oneUser() {
    return (request, connection) ->
        write(connection, 200, "application/json", body(request, 1, request.page()));
  }

  /** The API's response to an unsupported page number: the first page. */
  static Response firstPage() {
    return (request, connection) ->
        write(connection, 200, "application/json", body(request, request.results(), 1));
  }

  static Response status(int status, String type, String body) {
    return (request, connection) -> write(connection, status, type, body);
  }

  static Response rateLimitReached() {
    return status(429, "application/json", "{\"error\":\"Whoa, ease up there cowboy.\"}");
  }

  static Response html(int status) {
    return status(status, "text/html", "<html><body><h1>Bad Gateway</h1></body></html>");
  }

  /** The body is shorter than its Content-Length. */
  static Response cutOffBody() {
    return (request, connection) -> {
      byte[] body =
          body(request, request.results(), request.page()).getBytes(StandardCharsets.UTF_8);
      OutputStream out = connection.getOutputStream();
      out.write(head(200, "application/json", body.length));
      out.write(body, 0, body.length / 2);
      out.flush();
    };
  }

  /** The JSON is incomplete, but the Content-Length is correct. */
  static Response cutOffJson() {
    return edited(body -> body.substring(0, body.length() / 2));
  }

  static Response reset() {
    return (request, connection) -> {
      connection.setSoLinger(true, 0);
      connection.close();
    };
  }

  /** Sends nothing and keeps the connection open. */
  static Response hang() {
    return (request, connection) -> connection.getInputStream().read();
  }

  /** Sends headers and part of the body, then nothing. */
  static Response hangInBody() {
    return (request, connection) -> {
      OutputStream out = connection.getOutputStream();
      out.write(head(200, "application/json", 1_000_000));
      out.write("{\"results\":[".getBytes(StandardCharsets.UTF_8));
      out.flush();
      connection.getInputStream().read();
    };
  }

  private static void write(Socket connection, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    OutputStream out = connection.getOutputStream();
    out.write(head(status, type, bytes.length));
    out.write(bytes);
    out.flush();
  }

  private static byte[] head(int status, String type, int length) {
    return "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        .formatted(status, type, length)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String body(Request request, int results, int page) {
    String seed =
        request.query().getOrDefault("seed", UUID.randomUUID().toString().substring(0, 16));
    // the last two characters of a seed of 18 are read as a nationality, which info.seed repeats
    boolean hasNationality = seed.length() == 18;
    String generator =
        (hasNationality ? seed.substring(0, 16) : seed) + (page == 1 ? "" : Integer.toString(page));
    String users =
        IntStream.range(0, results)
            .mapToObj(
                index ->
                    user(new Random((generator + "/" + index).hashCode() * 0x9E3779B97F4A7C15L)))
            .collect(Collectors.joining(","));
    return "{\"results\":[%s],\"info\":{\"seed\":\"%s\",\"results\":%d,\"page\":%d,\"version\":\"%s\"}}"
        .formatted(
            request.version().compareTo("1.3") < 0 ? asVersion12(users) : users,
            hasNationality ? seed + seed.substring(16) : seed,
            results,
            page,
            request.version());
  }

  /** Version 1.2 has the street as one text, and no country. */
  private static String asVersion12(String users) {
    return users
        .replaceAll("\\{\"number\":(\\d+),\"name\":\"([^\"]*)\"\\}", "\"$1$2\"")
        .replaceAll(",\"country\":\"[^\"]*\"", "");
  }

  private static String user(Random random) {
    String nationality = NATIONALITIES.get(random.nextInt(NATIONALITIES.size()));
    return """
        {"gender":"female","name":{"title":"Ms","first":"%s","last":"O'Neil-%d"},
        "location":{"street":{"number":%d,"name":" Station Road "},"city":"Bergen","state":"Vestland"%s,
        "postcode":%s,"coordinates":{"latitude":"%s","longitude":"-15.9000"},
        "timezone":{"offset":"+9:30","description":"Adelaide, Darwin"}},
        "email":"o'neil-%d@example.com",
        "login":{"uuid":"%s","username":"user%d","password":"pa55word","salt":"s4lt","md5":"d41d8cd9",
        "sha1":"da39a3ee","sha256":"e3b0c442"},
        "dob":{"date":"1992-02-07T17:56:13.316Z","age":%d},
        "registered":{"date":"2010-11-12T01:02:03.004Z","age":%d},
        "phone":"I88 M53-9573","cell":"(066) D10-6666",
        "id":{"name":"SSN-x","value":%s},
        "picture":{"large":"https://example.com/large.jpg","medium":"https://example.com/med.jpg",
        "thumbnail":"https://example.com/thumb.jpg"},"nat":"%s"}"""
        .formatted(
            nationality.equals("IR") ? "\u0622\u062f\u0631\u06cc\u0646" : "\u00c5se",
            random.nextInt(1000),
            1 + random.nextInt(9999),
            nationality.equals("LEGO") ? "" : ",\"country\":\"Norway\"",
            nationality.equals("NO") || nationality.equals("GB") ? "\"0174\"" : "10115",
            String.format(Locale.ROOT, "%.4f", random.nextDouble() * 180 - 90),
            random.nextInt(1000),
            new UUID(random.nextLong(), random.nextLong()),
            random.nextInt(1000),
            // different in each response, as on different days
            20 + (int) (System.nanoTime() % 50),
            (int) (System.nanoTime() % 20),
            nationality.equals("TR") ? "null" : "\"national-id-value\"",
            nationality);
  }

  @Override
  public void close() {
    connections.shutdownNow();
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
