package io.foldlog.testing.scenarios;

import static io.foldlog.contract.TestEvents.NOON;
import static io.foldlog.contract.TestEvents.deleted;
import static io.foldlog.contract.TestEvents.registered;
import static io.foldlog.contract.TestEvents.updated;
import static io.foldlog.contract.TestEvents.user;
import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.foldlog.admin.verify.Verifier;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.UserField;
import io.foldlog.runtime.ApplicationResult;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.SparkSessionSource;
import io.foldlog.speed.SpeedLayer;
import io.foldlog.speed.SpeedLayerInProcess;
import io.foldlog.speed.TestPipeline;
import io.foldlog.view.TestView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables that the layers refuse. Executes the commands of the message in a shell, with the {@code
 * foldlog} of this checkout. The verifier checks the view.
 */
class TableStoriesIT {

  private static final Pattern COMMANDS =
      Pattern.compile("(?:from|into) the log: (.*)\\. Then start the speed layer without");

  private static final List<String> TEXT_COLUMNS =
      List.of("first_name", "last_name", "gender", "address", "post_code", "email", "username");

  private static final List<String> TEXTS =
      List.of(
          "Ада",
          "محمد",
          "a\"b'c",
          "back\\slash \\n \\x41 \\\\ \\u00e9",
          "two\nlines\r\nand\ta tab",
          "no\u00a0break, \u0085, \u007f, \u001b[31m",
          "😀",
          "{\"json\": [1, \"x\\\\y\"]}",
          "| pipe |",
          "\\",
          "null",
          "0174");

  private static final int TEXT_USERS = 2000;

  @TempDir private Path folder;

  private TestEnvironment environment;
  private TestPipeline pipeline;
  private String table;

  private void createEnvironment(String name) throws Exception {
    environment = TestEnvironment.in(folder, name);
    pipeline = environment.pipeline();
    table = pipeline.keyspace() + ".created_users";
  }

  @Test
  void shouldWriteTheTableAgainAfterAColumnWasDroppedAndAdded() throws Exception {
    createEnvironment("dropped");
    for (int number = 0; number < 50; number++) {
      environment.record(
          registered(user(number), NOON).set(UserField.PHONE, "0" + number).build(),
          updated(user(number), NOON + 1).set(UserField.CITY, "Bern").build());
    }
    environment.record(deleted(user(0), NOON + 2));
    writeLog();
    try (CqlSession admin = pipeline.view().session(TestView.ADMIN)) {
      admin.execute("ALTER TABLE %s DROP phone".formatted(table));
      admin.execute("ALTER TABLE %s ADD phone text".formatted(table));
    }

    String message = refusalOfSpeedLayer();
    assertThat(message).contains("phone was dropped at ");
    for (ApplicationResult other :
        List.of(
            environment.execute(new Verifier()),
            environment.execute(BatchLayerInProcess.batchLayer(), "reconcile"))) {
      assertThat(other.status()).isEqualTo(ExitStatus.USAGE_ERROR);
      assertThat(other.message()).isEqualTo(message);
    }

    runCommandsOf(message);
    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      environment.awaitDrainedBy(layer);
      environment.record(
          updated(user(0), NOON).set(UserField.CITY, "late, older than the deletion").build());
      environment.awaitDrainedBy(layer);
    }
    environment.assertThatViewEqualsFoldOfLog();
  }

  @Test
  @Tag("fault")
  void shouldMoveTheUsersOfATableOfTextIntoTheLog() throws Exception {
    createEnvironment("text");
    UUID updatedUser = user(1);
    environment.record(
        deleted(user(0), NOON),
        updated(updatedUser, NOON).set(UserField.FIRST_NAME, "newer").build());
    Map<UUID, Map<String, String>> expected = createTableOfText();
    expected.remove(user(0));
    expected.get(updatedUser).put("first_name", "newer");

    runCommandsOf(refusalOfSpeedLayer());
    writeLog();

    environment.assertThatViewEqualsFoldOfLog();
    assertThat(usersOfView()).isEqualTo(expected);
  }

  /** Creates the table as pipelines before this one did, with ids in upper case as text. */
  private Map<UUID, Map<String, String>> createTableOfText() {
    Map<UUID, Map<String, String>> users = new HashMap<>();
    try (CqlSession admin = pipeline.view().session(TestView.ADMIN)) {
      admin.execute("DROP TABLE " + table);
      admin.execute(
          "CREATE TABLE %s (id text PRIMARY KEY, %s text, registered_date text)"
              .formatted(table, String.join(" text, ", TEXT_COLUMNS)));
      PreparedStatement insert =
          admin.prepare(
              "INSERT INTO %s (id, registered_date, %s) VALUES (?, '2007-07-09T05:51:59.390Z', ?, ?, ?, ?, ?, ?, ?)"
                  .formatted(table, String.join(", ", TEXT_COLUMNS)));
      List<CompletableFuture<AsyncResultSet>> inserts = new ArrayList<>();
      for (int number = 0; number < TEXT_USERS; number++) {
        Map<String, String> values = new HashMap<>();
        Object[] bound = new Object[1 + TEXT_COLUMNS.size()];
        bound[0] = user(number).toString().toUpperCase(Locale.ROOT);
        for (int column = 0; column < TEXT_COLUMNS.size(); column++) {
          String text = TEXTS.get((number + column) % TEXTS.size());
          bound[1 + column] = (number + column) % 5 == 0 ? null : text;
          values.put(TEXT_COLUMNS.get(column), (String) bound[1 + column]);
        }
        inserts.add(admin.executeAsync(insert.bind(bound)).toCompletableFuture());
        users.put(user(number), values);
      }
      inserts.forEach(CompletableFuture::join);
    }
    return users;
  }

  private Map<UUID, Map<String, String>> usersOfView() {
    Map<UUID, Map<String, String>> users = new HashMap<>();
    try (CqlSession reader = pipeline.view().session(TestView.READER)) {
      for (Row row : reader.execute("SELECT * FROM " + table)) {
        Map<String, String> values = new HashMap<>();
        TEXT_COLUMNS.forEach(column -> values.put(column, row.getString(column)));
        users.put(row.getUuid("id"), values);
      }
    }
    return users;
  }

  private void writeLog() {
    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      environment.awaitDrainedBy(layer);
    }
  }

  private String refusalOfSpeedLayer() {
    ApplicationResult result =
        SpeedLayerInProcess.start(
                environment.settings(),
                new SpeedLayer(SparkSessionSource.shared(BatchLayerInProcess.spark())))
            .result();
    assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.USAGE_ERROR);
    return result.message();
  }

  /** Runs the commands of the message in a shell, and removes the checkpoint. */
  private void runCommandsOf(String message) throws Exception {
    Matcher commands = COMMANDS.matcher(message);
    assertThat(commands.find()).as(message).isTrue();
    Path checkout = checkout();
    TestEnvironment external =
        environment.with(
            "stack.root = \"%s\"".formatted(folder.resolve("stack")),
            "kafka { external = true, max-message-bytes = %d }"
                .formatted(TestPipeline.MAX_MESSAGE_BYTES),
            "cassandra { external = true, admin.password-file = \"%s\" }"
                .formatted(pipeline.secret(TestView.ADMIN.password())));
    Path output = folder.resolve("commands.log");
    ProcessBuilder shell =
        new ProcessBuilder("sh", "-c", commands.group(1))
            .directory(Files.createDirectories(folder.resolve("operator")).toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    shell.environment().merge("PATH", checkout.toString(), (path, own) -> own + ":" + path);
    shell.environment().put("FOLDLOG_SETTINGS", external.settings().toString());
    Process process = shell.start();
    try {
      assertThat(process.waitFor(TestEnvironment.TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    TestEnvironment.delete(pipeline.checkpoint());
  }

  /** The folder with the launcher {@code foldlog}, in or above the working directory. */
  private static Path checkout() {
    Path current = Path.of("").toAbsolutePath();
    while (!Files.isExecutable(current.resolve("foldlog"))) {
      current = current.getParent();
      assertThat(current).as("the folder of ./foldlog").isNotNull();
    }
    return current;
  }
}
