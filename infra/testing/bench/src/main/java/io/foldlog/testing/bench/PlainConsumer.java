package io.foldlog.testing.bench;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.RawRecord;
import io.foldlog.contract.TimestampSource;
import io.foldlog.contract.UserEvent;
import io.foldlog.runtime.Application;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StopSignal;
import io.foldlog.view.UserView;
import io.foldlog.view.UserViewWriter;
import io.foldlog.view.WriteLimits;
import io.foldlog.view.WriteListener;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;

/**
 * The client that the speed layer is compared with: a consumer loop without Spark. It uses the same
 * decoder and the same asynchronous writer. It commits every second, after Cassandra has
 * acknowledged all writes.
 */
@Command(name = "plain-consumer", description = "Writes the log into the view, without Spark.")
public final class PlainConsumer implements ApplicationCommand {

  private static final Duration COMMIT_INTERVAL = Duration.ofSeconds(1);

  public static void main(String[] arguments) {
    Application.main(new PlainConsumer(), arguments);
  }

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Settings settings = context.settings();
    StopSignal stop = context.stop();
    BenchSettings bench = new BenchSettings(settings);
    try (CqlSession session = bench.writerSession();
        KafkaConsumer<byte[], byte[]> consumer = consumer(bench)) {
      UserViewWriter writer =
          UserView.over(session, bench.keyspace(), WriteLimits.DEFAULT).writer(WriteListener.NONE);
      EventDecoder decoder = DecodeRules.current(EventDecoder.CreateTime.REJECT).newDecoder();
      consumer.assign(
          consumer.partitionsFor(bench.topic()).stream()
              .map(partition -> new TopicPartition(bench.topic(), partition.partition()))
              .toList());
      consumer.seekToBeginning(consumer.assignment());
      long committed = System.nanoTime();
      while (!stop.isRequested()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (decoder.decode(
                  new RawRecord(
                      record.key(),
                      record.value(),
                      List.of(),
                      TimestampSource.LOG_APPEND_TIME,
                      record.timestamp(),
                      record.offset()))
              instanceof UserEvent event) {
            writer.write(
                event, record.topic(), record.partition(), record.offset(), record.timestamp());
          }
        }
        if (System.nanoTime() - committed > COMMIT_INTERVAL.toNanos()) {
          writer.awaitAll();
          consumer.commitSync();
          committed = System.nanoTime();
        }
      }
      writer.awaitAll();
      consumer.commitSync();
    }
    return ApplicationOutcome.success();
  }

  private static KafkaConsumer<byte[], byte[]> consumer(BenchSettings bench) {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bench.log().bootstrapServers(),
            ConsumerConfig.GROUP_ID_CONFIG,
            "plain-consumer",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false));
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
