package io.foldlog.batch.lake;

import io.foldlog.lake.LakeColumn;
import io.foldlog.lake.LakeSchema;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The schemas of the lake's tables as Spark types. */
public final class SparkSchema {

  private static final StructType HEADER =
      new StructType().add("key", DataTypes.StringType).add("value", DataTypes.BinaryType);

  private SparkSchema() {}

  public static StructType of(LakeSchema table) {
    StructType schema = new StructType();
    for (LakeColumn column : table.columns()) {
      schema = schema.add(column.name(), type(column.type()));
    }
    return schema;
  }

  private static DataType type(LakeColumn.Type type) {
    return switch (type) {
      case STRING -> DataTypes.StringType;
      case INTEGER -> DataTypes.IntegerType;
      case LONG -> DataTypes.LongType;
      case DOUBLE -> DataTypes.DoubleType;
      case BOOLEAN -> DataTypes.BooleanType;
      case BINARY -> DataTypes.BinaryType;
      case TIMESTAMP -> DataTypes.TimestampType;
      case DATE -> DataTypes.DateType;
      case HEADERS -> DataTypes.createArrayType(HEADER);
    };
  }
}
