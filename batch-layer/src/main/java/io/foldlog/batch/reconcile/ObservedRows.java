package io.foldlog.batch.reconcile;

import io.foldlog.contract.UserField;
import io.foldlog.view.ViewRow;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What was read of the view, as it is stored: of each cell its CQL serialisation, its writetime
 * (µs) and its time to live (s, or 0).
 */
final class ObservedRows {

  static final StructType SCHEMA = schema();

  private ObservedRows() {}

  private static StructType schema() {
    StructType schema = new StructType().add("user_id", DataTypes.StringType);
    for (UserField field : UserField.all()) {
      schema =
          schema
              .add(field.columnName(), DataTypes.BinaryType)
              .add(field.columnName() + "_time", DataTypes.LongType)
              .add(field.columnName() + "_ttl", DataTypes.IntegerType);
    }
    return schema;
  }

  static Row of(ViewRow row) {
    Object[] columns = new Object[1 + 3 * UserField.count()];
    columns[0] = row.id().toString();
    for (UserField field : UserField.all()) {
      if (row.hasValue(field)) {
        int index = 1 + 3 * field.ordinal();
        columns[index] = row.value(field);
        columns[index + 1] = row.writetime(field);
        columns[index + 2] = row.timeToLiveSeconds(field);
      }
    }
    return RowFactory.create(columns);
  }

  static ViewRow viewRow(Row row) {
    ViewRow.Builder builder = ViewRow.of(UUID.fromString(row.getString(0)));
    for (UserField field : UserField.all()) {
      int index = 1 + 3 * field.ordinal();
      if (!row.isNullAt(index)) {
        builder.cell(
            field, row.<byte[]>getAs(index), row.getLong(index + 1), row.getInt(index + 2));
      }
    }
    return builder.build();
  }
}
