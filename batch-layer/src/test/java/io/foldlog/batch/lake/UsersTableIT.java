package io.foldlog.batch.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.UserState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTableIT {

  @TempDir Path folder;

  @Test
  void shouldKeepEveryStateInDeltaTable() {
    SparkSession spark = BatchLayerInProcess.spark();
    LakeTable users = new Lake(spark, folder.toString()).users().create(CommitMetadata.NONE);
    Random random = new Random(7);
    Map<String, UserState> expected = new HashMap<>();
    List<Row> rows = new ArrayList<>();
    for (int number = 0; number < 2000; number++) {
      UserState state = UsersTableTest.random(random);
      expected.put("user-" + number, state);
      rows.add(UsersTable.row("user-" + number, state));
    }
    users
        .writer(spark.createDataFrame(rows, users.schema()), CommitMetadata.NONE)
        .mode("append")
        .save(users.path());
    Map<String, UserState> found = new HashMap<>();
    users.read().collectAsList().forEach(row -> found.put(row.getString(0), UsersTable.state(row)));
    assertThat(found).isEqualTo(expected);
  }
}
