"""Loads Spark's classes, so that a Java option can archive them. Runs in the tools' environment `spark`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession

STREAM_SECONDS = 4
TRIGGERS = ({"processingTime": "0 seconds"}, {"continuous": "1 second"})


def main(folder: Path) -> None:
    """Runs small jobs like those of the layers: joins, files, and a stream with each trigger."""
    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    rows = spark.range(1000).selectExpr("id", "id % 3 as part", "cast(id as string) as text")
    sums = rows.groupBy("part").agg({"text": "max", "id": "sum"})
    rows.join(sums, "part").write.partitionBy("part").parquet(str(folder / "parquet"))
    spark.read.parquet(str(folder / "parquet")).where("id > 5").orderBy("id").collect()
    rows.write.json(str(folder / "json"))
    spark.read.json(str(folder / "json")).dropDuplicates(["part"]).count()
    for number, trigger in enumerate(TRIGGERS):
        stream = spark.readStream.format("rate").load().writeStream.format("console")
        stream.option("checkpointLocation", str(folder / f"checkpoint-{number}"))
        query = stream.trigger(**trigger).start()
        query.awaitTermination(STREAM_SECONDS)
        query.stop()
    gateway = spark.sparkContext._gateway.proc  # noqa: SLF001 - the JVM writes the archive at its end
    spark.stop()
    gateway.stdin.close()
    sys.exit(gateway.wait())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary))
