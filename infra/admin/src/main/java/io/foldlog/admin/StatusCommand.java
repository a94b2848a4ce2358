package io.foldlog.admin;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.foldlog.contract.DecodeRules;
import io.foldlog.log.EventTopic;
import io.foldlog.log.KafkaClients;
import io.foldlog.log.KafkaSettings;
import io.foldlog.log.LogId;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.view.CassandraSettings;
import io.foldlog.view.DecodeVersions;
import io.foldlog.view.LayerPositions;
import io.foldlog.view.LayerRegistry;
import io.foldlog.view.ViewSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Prints the number of events, rows and dead letters, the decode versions, and the speed layer's
 * positions and status as a line of JSON.
 */
@Command(
    name = "status",
    description =
        "Prints events in the log, rows and decode versions of the view, dead letters, the speed"
            + " layer's published positions and its status file, as JSON.")
final class StatusCommand implements ApplicationCommand {
  private static final String SPEED_LAYER = "speed-layer";
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /** Shorter than runtime.startup-timeout, because a user waits for the output. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  @Option(names = "--follow", description = "Prints a line every two seconds.")
  private boolean follow;

  /**
   * One line of output.
   *
   * @param at the time of the request
   * @param events number of events in the log
   * @param deadLetters number of records in the dead letter topic
   * @param rows number of rows in the view, by {@link RowCount}
   * @param decodeVersion the decode version of this release
   * @param viewDecodeVersion the highest decode version that has written to the view; null if none
   *     is recorded
   * @param layers the layers that run
   * @param positions how far the layers have written the log into the view
   * @param speedLayer the content of the speed layer's status file; null if there is no file
   */
  record Line(
      String at,
      long events,
      long deadLetters,
      long rows,
      int decodeVersion,
      Integer viewDecodeVersion,
      List<Layer> layers,
      List<Position> positions,
      JsonNode speedLayer) {}

  /**
   * A published position of a layer in the current topic.
   *
   * @param logId the topic id, with {@code #n} appended after n replacements of its content
   */
  record Position(
      String layer, String logId, int partition, long nextOffset, int decodeVersion, String at) {}

  /** A layer that runs. */
  record Layer(String layer, String instance, int decodeVersion) {}

  @Override
  public ApplicationOutcome run(ApplicationContext context)
      throws IOException, InterruptedException {
    KafkaSettings kafka = KafkaSettings.from(context.settings());
    CassandraSettings cassandra = CassandraSettings.from(context.settings());
    KafkaClients connection = kafka.clients().within(ANSWER_TIMEOUT);
    Optional<Path> statusFile =
        context.settings().section("speed-layer").optionalPath("status-file");
    ObjectMapper mapper = new ObjectMapper();
    try (EventTopic log = EventTopic.open(connection, kafka.topic());
        EventTopic deadLetters = EventTopic.open(connection, kafka.deadLetterTopic());
        CqlSession session = ViewSession.open(cassandra.connection(cassandra.reader()))) {
      RowCount rows = new RowCount(session, cassandra.keyspace());
      DecodeVersions versions = new DecodeVersions(session, cassandra.keyspace());
      LayerPositions positions = new LayerPositions(session, cassandra.keyspace());
      LayerRegistry layers = new LayerRegistry(session, cassandra.keyspace());
      do {
        Line line =
            new Line(
                context.clock().instant().toString(),
                records(log),
                records(deadLetters),
                rows.count(),
                DecodeRules.current(kafka.createTime()).version(),
                versions.highest().orElse(null),
                layers.running().stream()
                    .map(each -> new Layer(each.layer(), each.instance(), each.decodeVersion()))
                    .toList(),
                positions(positions, log),
                statusFile.isPresent() ? read(statusFile.get(), mapper) : mapper.nullNode());
        context.out().println(mapper.writeValueAsString(line));
      } while (follow && !context.stop().await(INTERVAL));
    }
    return ApplicationOutcome.success();
  }

  private static List<Position> positions(LayerPositions positions, EventTopic log) {
    String topicId = log.metadata().topicId();
    return positions.of(SPEED_LAYER).stream()
        .filter(each -> LogId.parse(each.logId()).topicId().equals(topicId))
        .map(
            each ->
                new Position(
                    SPEED_LAYER,
                    each.logId(),
                    each.partition(),
                    each.nextOffset(),
                    each.decodeVersion(),
                    each.updated().toString()))
        .toList();
  }

  private static long records(EventTopic log) {
    return log.beginningOffsets().offsetsUntil(log.endOffsets());
  }

  private static JsonNode read(Path file, ObjectMapper mapper) throws IOException {
    try {
      return mapper.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return mapper.nullNode();
    }
  }
}
