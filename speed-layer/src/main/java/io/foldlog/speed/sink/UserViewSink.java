package io.foldlog.speed.sink;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The sink as a Spark data source (version 2) for Kafka's rows. A {@code ForeachWriter} is not
 * sufficient: in continuous mode Spark commits the epoch before it closes the writer, so a crash
 * would lose the writes in flight.
 */
public final class UserViewSink implements TableProvider {

  /**
   * Writes the rows of Spark's Kafka source with a batch job, as a query's tasks do. Requires the
   * open {@link QueryContext} of the settings.
   *
   * @return the durable work of each task
   */
  public static List<TaskCommit> write(Dataset<Row> rows, SinkSettings settings) {
    UserViewWriterFactory factory =
        new UserViewWriterFactory(RecordLayout.of(rows.schema()), settings);
    return rows.queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitionsWithIndex((index, records) -> write(factory, index, records), false)
        .collect();
  }

  private static Iterator<TaskCommit> write(
      UserViewWriterFactory factory, int index, Iterator<InternalRow> records) throws IOException {
    try (DataWriter<InternalRow> writer = factory.createWriter(index, index, 0)) {
      while (records.hasNext()) {
        writer.write(records.next());
      }
      return List.of((TaskCommit) writer.commit()).iterator();
    }
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return new StructType();
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new Sink();
  }

  private static final class Sink implements SupportsWrite {

    @Override
    public String name() {
      return "user-view";
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in this version of Spark
    public StructType schema() {
      return new StructType();
    }

    @Override
    public Set<TableCapability> capabilities() {
      return Set.of(TableCapability.STREAMING_WRITE, TableCapability.ACCEPT_ANY_SCHEMA);
    }

    @Override
    public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
      RecordLayout layout = RecordLayout.of(info.schema());
      String id = info.options().get(QueryContext.OPTION);
      QueryContext query =
          QueryContext.find(id)
              .orElseThrow(() -> new IllegalStateException("No query %s runs".formatted(id)));
      return new WriteBuilder() {
        @Override
        public Write build() {
          return new Write() {
            @Override
            public StreamingWrite toStreaming() {
              return new UserViewStreamingWrite(layout, query);
            }
          };
        }
      };
    }
  }
}
