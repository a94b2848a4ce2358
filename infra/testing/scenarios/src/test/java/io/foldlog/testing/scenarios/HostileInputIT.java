package io.foldlog.testing.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.HostileRecords;
import io.foldlog.contract.HostileRecords.HostileRecord;
import io.foldlog.contract.Rejection;
import io.foldlog.contract.Rejection.Code;
import io.foldlog.log.DeadLetters;
import io.foldlog.log.EventTopic;
import io.foldlog.log.LogOffsets;
import io.foldlog.log.LogRecord;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.speed.TestPipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever bytes come along, both layers judge them alike, and none is lost. */
@Tag("sized")
class HostileInputIT {

  private static final int RECORDS = Proof.size("records", 1_000);
  private static final int USERS = Math.max(200, RECORDS / 20);
  private static final int PARTITIONS = 2;
  private static final int SLOWEST_A_SECOND = 200;

  @TempDir private Path folder;

  @Test
  void shouldRejectTheSameRecordsInBothLayersAndShowAllOthers() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "hostile_input");
    TestPipeline pipeline = environment.pipeline();
    Stream stream = new Stream(pipeline);
    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      stream.begin(layer);
      boolean complete;
      do {
        complete = stream.isSent();
        assertThat(environment.batch("archive")).isEqualTo(ExitStatus.SUCCESS);
        assertThat(environment.batch("fold")).isEqualTo(ExitStatus.SUCCESS);
      } while (!complete);
      stream.end();
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }

    LogOffsets end = pipeline.endOffsets();
    assertThat(end.sum()).isEqualTo(stream.acknowledged());
    Judgements bySpeedLayer = judgementsOfTheSpeedLayer(pipeline, end);
    Judgements byBatchLayer = new Judgements(end);
    SparkSession spark = BatchLayerInProcess.spark();
    judge(byBatchLayer, table(spark, "rejected_events"), end);
    assertThat(places(table(spark, "events"))).isEqualTo(end.sum());
    Judgements byContract = judgementsOfTheContract(pipeline, end);
    assertThat(bySpeedLayer.firstDifference(byContract)).isEmpty();
    assertThat(byBatchLayer.firstDifference(byContract)).isEmpty();
    assertThat(bySpeedLayer.changed(byContract)).as("letters of changed records").isZero();

    environment.assertThatTheViewEqualsTheFoldOfTheLog();
    assertThat(environment.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    JsonNode reconcile = environment.newestReport().path("reconcile");
    assertThat(reconcile.path("outcome").asText())
        .as(reconcile.toPrettyString())
        .isEqualTo("CLEAN");

    long rejected = byContract.rejected();
    assertThat(rejected).isBetween(end.sum() / 4, 3 * end.sum() / 4);
    Proof proof = Proof.section("50-hostile", "Hostile input");
    proof.say(
        "seed %d: %,d records sent, %,d refused by the broker as too large, %,d in the log",
        Proof.SEED, RECORDS, stream.tooLarge(), end.sum());
    proof.say(
        "%,d accepted and in the view, %,d rejected by both layers alike: %s",
        end.sum() - rejected, rejected, byContract.byCode());
    proof.say(
        "the speed layer took them in %,.0f s (%,.0f records/s) while the batch layer archived and folded; neither ended, and no record is in both places or in neither",
        stream.seconds(), end.sum() / stream.seconds());
  }

  private static Judgements judgementsOfTheSpeedLayer(TestPipeline pipeline, LogOffsets end) {
    Judgements judgements = new Judgements(end);
    try (EventTopic log = EventTopic.open(pipeline.connection(), pipeline.deadLetterTopic())) {
      DeadLetters.Contents contents =
          DeadLetters.read(
              log,
              log.endOffsets(),
              letter -> {
                assertThat(letter.record().id().topicId()).isEqualTo(end.topicId());
                judgements.reject(
                    letter.record().partition(),
                    letter.record().offset(),
                    letter.rejection().code());
                judgements.keep(letter.record());
              });
      assertThat(contents.others()).isZero();
    }
    return judgements;
  }

  private static void judge(Judgements judgements, Dataset<Row> rejectedEvents, LogOffsets end) {
    Iterator<Row> rows =
        rejectedEvents.select("topic_id", "partition", "offset", "code").toLocalIterator();
    while (rows.hasNext()) {
      Row row = rows.next();
      assertThat(row.getString(0)).isEqualTo(end.topicId());
      judgements.reject(row.getInt(1), row.getLong(2), Code.valueOf(row.getString(3)));
    }
  }

  private static Judgements judgementsOfTheContract(TestPipeline pipeline, LogOffsets end) {
    Judgements judgements = new Judgements(end);
    EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
    try (EventTopic log = pipeline.log()) {
      log.readAll(
          end,
          record -> {
            DecodeResult decoded = record.decodedBy(decoder);
            if (decoded instanceof Rejection rejection) {
              judgements.reject(record.partition(), record.offset(), rejection.code());
              judgements.keep(record);
            }
          });
    }
    return judgements;
  }

  private static long places(Dataset<Row> events) {
    return events.select("topic_id", "partition", "offset").distinct().count();
  }

  private Dataset<Row> table(SparkSession spark, String name) {
    return spark.read().format("delta").load(folder.resolve("lake").resolve(name).toString());
  }

  /** Which records were rejected, why, and what they were: five bytes for each of the log. */
  private static final class Judgements {

    private final byte[][] codes = new byte[PARTITIONS][];
    private final int[][] fingerprints = new int[PARTITIONS][];

    Judgements(LogOffsets end) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        codes[partition] = new byte[Math.toIntExact(end.offset(partition))];
        fingerprints[partition] = new int[codes[partition].length];
      }
    }

    void reject(int partition, long offset, Code code) {
      assertThat(codes[partition][(int) offset]).as("%d:%d, once", partition, offset).isZero();
      codes[partition][(int) offset] = (byte) (1 + code.ordinal());
    }

    void keep(LogRecord record) {
      int hash = 31 * Arrays.hashCode(record.key()) + Arrays.hashCode(record.value());
      for (Header header : record.headers()) {
        hash = 31 * (31 * hash + header.key().hashCode()) + Arrays.hashCode(header.value());
      }
      fingerprints[record.partition()][(int) record.offset()] = hash;
    }

    /** How many of the records that were kept are not what they are there. */
    long changed(Judgements there) {
      long changed = 0;
      for (int partition = 0; partition < PARTITIONS; partition++) {
        for (int offset = 0; offset < codes[partition].length; offset++) {
          int own = fingerprints[partition][offset];
          changed += own != 0 && own != there.fingerprints[partition][offset] ? 1 : 0;
        }
      }
      return changed;
    }

    /** In words; blank when there is none. */
    String firstDifference(Judgements other) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        for (int offset = 0; offset < codes[partition].length; offset++) {
          if (codes[partition][offset] != other.codes[partition][offset]) {
            return "%d:%d is %s here, %s there"
                .formatted(
                    partition,
                    offset,
                    name(codes[partition][offset]),
                    name(other.codes[partition][offset]));
          }
        }
      }
      return "";
    }

    long rejected() {
      return byCode().values().stream().mapToLong(Long::longValue).sum();
    }

    Map<Code, Long> byCode() {
      Map<Code, Long> counts = new EnumMap<>(Code.class);
      for (byte[] partition : codes) {
        for (byte code : partition) {
          if (code > 0) {
            counts.merge(Code.values()[code - 1], 1L, Long::sum);
          }
        }
      }
      return counts;
    }

    private static String name(byte code) {
      return code == 0 ? "an event" : Code.values()[code - 1].name();
    }
  }

  /** The records on their way to the log and through the speed layer, in a thread of their own. */
  private static final class Stream {

    private static final Duration LIMIT =
        Duration.ofMinutes(2).plusSeconds(RECORDS / SLOWEST_A_SECOND);

    private final TestPipeline pipeline;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong tooLarge = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile double seconds;
    private volatile boolean sent;
    private Thread thread;

    Stream(TestPipeline pipeline) {
      this.pipeline = pipeline;
    }

    void begin(RunningSpeedLayer layer) {
      thread = new Thread(() -> run(layer), "hostile records");
      thread.setDaemon(true);
      thread.start();
    }

    /** Whether the log has them all; the speed layer may not. */
    boolean isSent() {
      return sent || !thread.isAlive();
    }

    void end() throws InterruptedException {
      thread.join();
      assertThat(failure.get()).isNull();
      assertThat(acknowledged.get() + tooLarge.get()).isEqualTo(RECORDS);
    }

    long acknowledged() {
      return acknowledged.get();
    }

    long tooLarge() {
      return tooLarge.get();
    }

    /** From the first record that is sent to the last that is in the view or the dead letters. */
    double seconds() {
      return seconds;
    }

    private void run(RunningSpeedLayer layer) {
      try {
        long start = System.nanoTime();
        send();
        sent = true;
        await().atMost(LIMIT).until(() -> isThrough(layer));
        seconds = (System.nanoTime() - start) / 1e9;
      } catch (Throwable thrown) {
        failure.compareAndSet(null, thrown);
      }
    }

    private boolean isThrough(RunningSpeedLayer layer) throws IOException {
      if (!layer.isRunning()) {
        throw new AssertionError("The speed layer ended:\n" + layer.output());
      }
      return pipeline.isDrainedBy(layer);
    }

    private void send() {
      HostileRecords records =
          new HostileRecords(Proof.SEED, USERS, TestPipeline.MAX_MESSAGE_BYTES);
      Random partitions = new Random(Proof.SEED);
      Map<String, Object> tuning =
          Map.of("max.request.size", 16 * 1024 * 1024, "buffer.memory", 32 * 1024 * 1024L);
      try (Producer<byte[], byte[]> producer = pipeline.connection().producer(tuning)) {
        for (int count = 0; count < RECORDS; count++) {
          HostileRecord record = records.next();
          producer.send(
              new ProducerRecord<>(
                  pipeline.topic(),
                  partitions.nextInt(PARTITIONS),
                  null,
                  record.key(),
                  record.value(),
                  headers(record)),
              (metadata, thrown) -> account(thrown));
        }
      }
    }

    private void account(Exception thrown) {
      if (thrown == null) {
        acknowledged.incrementAndGet();
      } else if (thrown instanceof RecordTooLargeException) {
        tooLarge.incrementAndGet();
      } else {
        failure.compareAndSet(null, thrown);
      }
    }

    private static List<Header> headers(HostileRecord record) {
      return record.headers().stream()
          .map(header -> new RecordHeader(header.name(), header.value()))
          .collect(Collectors.toList());
    }
  }
}
