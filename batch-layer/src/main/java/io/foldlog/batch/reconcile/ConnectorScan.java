package io.foldlog.batch.reconcile;

import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.spark.connector.CassandraRowMetadata;
import com.datastax.spark.connector.ColumnRef;
import com.datastax.spark.connector.cql.CassandraConnector;
import com.datastax.spark.connector.cql.TableDef;
import com.datastax.spark.connector.japi.CassandraJavaUtil;
import com.datastax.spark.connector.rdd.ReadConf;
import com.datastax.spark.connector.rdd.reader.RowReader;
import com.datastax.spark.connector.rdd.reader.RowReaderFactory;
import io.foldlog.contract.UserField;
import io.foldlog.view.UserViewReader;
import io.foldlog.view.ViewTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * The connector's scan of the whole view, by token ranges, with its writetime and TTL columns. The
 * values come as the bytes that Cassandra sent: no type of Spark's stands between, which would move
 * dates before 1582.
 */
final class ConnectorScan {

  private ConnectorScan() {}

  /** The rows of {@link ObservedRows}; read anew each time that they are asked for. */
  static Dataset<Row> rows(SparkSession spark, SparkConf connection, String keyspace) {
    SparkConf conf =
        connection
            .clone()
            .set(
                "spark.cassandra.input.consistency.level",
                DefaultConsistencyLevel.LOCAL_QUORUM.name())
            .set("spark.cassandra.input.fetch.sizeInRows", "" + UserViewReader.PAGE_ROWS)
            .set("spark.cassandra.input.split.sizeInMB", "32");
    List<ColumnRef> columns = new ArrayList<>();
    columns.add(CassandraJavaUtil.column("id"));
    for (UserField field : UserField.all()) {
      columns.add(CassandraJavaUtil.column(field.columnName()));
      columns.add(CassandraJavaUtil.writeTime(field.columnName()));
      columns.add(CassandraJavaUtil.ttl(field.columnName()));
    }
    JavaRDD<Row> rows =
        CassandraJavaUtil.javaFunctions(spark.sparkContext())
            .cassandraTable(keyspace, ViewTable.NAME, new ReaderFactory())
            .withConnector(CassandraConnector.apply(conf))
            .withReadConf(ReadConf.fromSparkConf(conf))
            .select(columns.toArray(ColumnRef[]::new));
    return spark.createDataFrame(rows, ObservedRows.SCHEMA);
  }

  private static final class ReaderFactory implements RowReaderFactory<Row> {

    @Override
    public RowReader<Row> rowReader(
        TableDef table, scala.collection.IndexedSeq<ColumnRef> selectedColumns) {
      return new Reader();
    }

    @Override
    public Class<Row> targetClass() {
      return Row.class;
    }
  }

  private static final class Reader implements RowReader<Row> {

    @Override
    public Row read(com.datastax.oss.driver.api.core.cql.Row found, CassandraRowMetadata metadata) {
      Object[] columns = new Object[1 + 3 * UserField.count()];
      columns[0] = found.getUuid(0).toString();
      for (int index = 1; index < columns.length; index += 3) {
        ByteBuffer value = found.getBytesUnsafe(index);
        if (value != null) {
          byte[] bytes = new byte[value.remaining()];
          value.duplicate().get(bytes);
          columns[index] = bytes;
          columns[index + 1] = found.getLong(index + 1);
          columns[index + 2] = found.getInt(index + 2);
        }
      }
      return RowFactory.create(columns);
    }

    @Override
    public scala.Option<scala.collection.Seq<ColumnRef>> neededColumns() {
      return scala.Option.empty();
    }
  }
}
