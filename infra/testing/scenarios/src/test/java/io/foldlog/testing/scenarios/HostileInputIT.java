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

/** Both layers reject the same records, whatever bytes they hold, and lose none. */
@Tag("sized")
class HostileInputIT {

  private static final int RECORDS = Proof.size("records", 1_000);
  private static final int USERS = Math.max(200, RECORDS / 20);
  private static final int PARTITIONS = 2;
  private static final int MIN_RECORDS_PER_SECOND = 200;

  @TempDir private Path folder;

  @Test
  void shouldRejectSameRecordsInBothLayersAndShowAllOthers() throws Exception {
    TestEnvironment environment = TestEnvironment.in(folder, "hostile_input");
    TestPipeline pipeline = environment.pipeline();
    RecordSender sender = new RecordSender(pipeline);
    try (RunningSpeedLayer layer = environment.startSpeedLayer()) {
      sender.start(layer);
      boolean complete;
      do {
        complete = sender.isSent();
        assertThat(environment.batch("archive")).isEqualTo(ExitStatus.SUCCESS);
        assertThat(environment.batch("fold")).isEqualTo(ExitStatus.SUCCESS);
      } while (!complete);
      sender.awaitEnd();
      assertThat(layer.stop()).as(layer::output).isEqualTo(ExitStatus.TERMINATED);
    }

    LogOffsets end = pipeline.endOffsets();
    assertThat(end.sum()).isEqualTo(sender.acknowledged());
    RejectedRecords bySpeedLayer = rejectedBySpeedLayer(pipeline, end);
    RejectedRecords byBatchLayer = new RejectedRecords(end);
    SparkSession spark = BatchLayerInProcess.spark();
    addRejected(byBatchLayer, table(spark, "rejected_events"), end);
    assertThat(countRecordIds(table(spark, "events"))).isEqualTo(end.sum());
    RejectedRecords byDecoder = rejectedByDecoder(pipeline, end);
    assertThat(bySpeedLayer.firstDifference(byDecoder)).isEmpty();
    assertThat(byBatchLayer.firstDifference(byDecoder)).isEmpty();
    assertThat(bySpeedLayer.countChanged(byDecoder))
        .as("changed records among the dead letters")
        .isZero();

    environment.assertThatViewEqualsFoldOfLog();
    assertThat(environment.batch("reconcile", "--scope", "full")).isEqualTo(ExitStatus.SUCCESS);
    JsonNode reconcile = environment.newestReport().path("reconcile");
    assertThat(reconcile.path("outcome").asText())
        .as(reconcile.toPrettyString())
        .isEqualTo("CLEAN");

    long rejected = byDecoder.rejected();
    assertThat(rejected).isBetween(end.sum() / 4, 3 * end.sum() / 4);
    Proof proof = Proof.section("50-hostile", "Hostile input");
    proof.addLine(
        "seed %d: %,d records sent, %,d refused by the broker as too large, %,d in the log",
        Proof.SEED, RECORDS, sender.tooLarge(), end.sum());
    proof.addLine(
        "%,d accepted and in the view, %,d rejected by both layers alike: %s",
        end.sum() - rejected, rejected, byDecoder.byCode());
    proof.addLine(
        "the speed layer read them in %,.0f s (%,.0f records/s) while the batch layer archived and folded; neither exited, and each record is either in the view or among the dead letters",
        sender.seconds(), end.sum() / sender.seconds());
  }

  private static RejectedRecords rejectedBySpeedLayer(TestPipeline pipeline, LogOffsets end) {
    RejectedRecords rejected = new RejectedRecords(end);
    try (EventTopic log = EventTopic.open(pipeline.clients(), pipeline.deadLetterTopic())) {
      DeadLetters.Contents contents =
          DeadLetters.read(
              log,
              log.endOffsets(),
              deadLetter -> {
                assertThat(deadLetter.record().id().logId()).isEqualTo(end.logId());
                rejected.add(
                    deadLetter.record().partition(),
                    deadLetter.record().offset(),
                    deadLetter.rejection().code());
                rejected.addFingerprint(deadLetter.record());
              });
      assertThat(contents.others()).isZero();
    }
    return rejected;
  }

  private static void addRejected(
      RejectedRecords rejected, Dataset<Row> rejectedEvents, LogOffsets end) {
    Iterator<Row> rows =
        rejectedEvents.select("topic_id", "partition", "offset", "code").toLocalIterator();
    while (rows.hasNext()) {
      Row row = rows.next();
      assertThat(row.getString(0)).isEqualTo(end.topicId());
      rejected.add(row.getInt(1), row.getLong(2), Code.valueOf(row.getString(3)));
    }
  }

  private static RejectedRecords rejectedByDecoder(TestPipeline pipeline, LogOffsets end) {
    RejectedRecords rejected = new RejectedRecords(end);
    EventDecoder decoder = new EventDecoder(EventDecoder.CreateTime.REJECT);
    try (EventTopic log = pipeline.log()) {
      log.readAll(
          end,
          record -> {
            DecodeResult decoded = record.decodeWith(decoder);
            if (decoded instanceof Rejection rejection) {
              rejected.add(record.partition(), record.offset(), rejection.code());
              rejected.addFingerprint(record);
            }
          });
    }
    return rejected;
  }

  private static long countRecordIds(Dataset<Row> events) {
    return events.select("topic_id", "partition", "offset").distinct().count();
  }

  private Dataset<Row> table(SparkSession spark, String name) {
    return spark.read().format("delta").load(folder.resolve("lake").resolve(name).toString());
  }

  /**
   * The rejected records with their codes and fingerprints: five bytes for each record of the log.
   */
  private static final class RejectedRecords {

    private final byte[][] codes = new byte[PARTITIONS][];
    private final int[][] fingerprints = new int[PARTITIONS][];

    RejectedRecords(LogOffsets end) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        codes[partition] = new byte[Math.toIntExact(end.offset(partition))];
        fingerprints[partition] = new int[codes[partition].length];
      }
    }

    void add(int partition, long offset, Code code) {
      assertThat(codes[partition][(int) offset])
          .as("%d:%d is rejected once", partition, offset)
          .isZero();
      codes[partition][(int) offset] = (byte) (1 + code.ordinal());
    }

    void addFingerprint(LogRecord record) {
      int hash = 31 * Arrays.hashCode(record.key()) + Arrays.hashCode(record.value());
      for (Header header : record.headers()) {
        hash = 31 * (31 * hash + header.key().hashCode()) + Arrays.hashCode(header.value());
      }
      fingerprints[record.partition()][(int) record.offset()] = hash;
    }

    /** Counts the records whose fingerprint differs from the one in the other object. */
    long countChanged(RejectedRecords other) {
      long changed = 0;
      for (int partition = 0; partition < PARTITIONS; partition++) {
        for (int offset = 0; offset < codes[partition].length; offset++) {
          int fingerprint = fingerprints[partition][offset];
          changed +=
              fingerprint != 0 && fingerprint != other.fingerprints[partition][offset] ? 1 : 0;
        }
      }
      return changed;
    }

    /** Describes the first difference. Empty if there is none. */
    String firstDifference(RejectedRecords other) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        for (int offset = 0; offset < codes[partition].length; offset++) {
          if (codes[partition][offset] != other.codes[partition][offset]) {
            return "%d:%d is %s in the first and %s in the second"
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

  /** Sends the records in a separate thread and measures until the speed layer has read them. */
  private static final class RecordSender {

    private static final Duration TIMEOUT =
        Duration.ofMinutes(2).plusSeconds(RECORDS / MIN_RECORDS_PER_SECOND);

    private final TestPipeline pipeline;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong tooLarge = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile double seconds;
    private volatile boolean sent;
    private Thread thread;

    RecordSender(TestPipeline pipeline) {
      this.pipeline = pipeline;
    }

    void start(RunningSpeedLayer layer) {
      thread = new Thread(() -> run(layer), "hostile records");
      thread.setDaemon(true);
      thread.start();
    }

    /** Whether all records are in the log. The speed layer may not have read them yet. */
    boolean isSent() {
      return sent || !thread.isAlive();
    }

    void awaitEnd() throws InterruptedException {
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

    /** The time from the first send until each record is in the view or the dead letters. */
    double seconds() {
      return seconds;
    }

    private void run(RunningSpeedLayer layer) {
      try {
        long start = System.nanoTime();
        send();
        sent = true;
        await().atMost(TIMEOUT).until(() -> hasReadAll(layer));
        seconds = (System.nanoTime() - start) / 1e9;
      } catch (Throwable thrown) {
        failure.compareAndSet(null, thrown);
      }
    }

    private boolean hasReadAll(RunningSpeedLayer layer) throws IOException {
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
      try (Producer<byte[], byte[]> producer = pipeline.clients().producer(tuning)) {
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
              (metadata, thrown) -> countResult(thrown));
        }
      }
    }

    private void countResult(Exception thrown) {
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
