"""The spark-submit command lines of both layers."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from .config import StackConfig, SparkProgram
from .repository import LOCALE_OPTIONS, LOGGING, fat_jar, spark_home, temporary_folder, temporary_options


@dataclass(frozen=True)
class Submission:
    """Arguments of spark-submit for an application. Airflow's operator uses the single properties."""

    main: str
    module: str
    cores: int
    heap_mebibytes: int
    ui_port: int
    collector: str
    cluster: str
    bind_address: str
    host: str

    @property
    def master(self) -> str:
        return self.cluster or f"local[{self.cores}]"

    @property
    def driver_memory(self) -> str:
        return f"{self.heap_mebibytes}m"

    @property
    def driver_java_options(self) -> str:
        options = (
            f"-Dlog4j2.configurationFile={LOGGING}",
            *temporary_options(),
            f"-XX:+{self.collector}",
            # memory outside of the heap is limited too
            "-XX:ReservedCodeCacheSize=192m",
            "-XX:MaxDirectMemorySize=128m",
        )
        # spark-submit splits the options as a shell does
        return shlex.join(options)

    @property
    def configuration(self) -> dict[str, str]:
        return {
            "spark.ui.port": str(self.ui_port),
            "spark.port.maxRetries": "16",
            "spark.driver.bindAddress": self.bind_address,
            "spark.driver.host": self.host,
            # Spark creates this folder, by default in the working directory
            "spark.sql.warehouse.dir": (temporary_folder() / "warehouse").as_uri(),
            **(self._cluster_configuration if self.cluster else {}),
        }

    @property
    def _cluster_configuration(self) -> dict[str, str]:
        """Limits on a cluster. Without them, the first application would use the whole cluster."""
        return {
            "spark.cores.max": str(self.cores),
            "spark.executor.memory": f"{self.heap_mebibytes}m",
            # with Spark's default logging configuration, each record causes two warnings
            "spark.executor.extraJavaOptions": shlex.join(
                (f"-Dlog4j2.configurationFile={LOGGING}", *LOCALE_OPTIONS)
            ),
        }

    def command(self, *arguments: str) -> list[str]:
        conf_options = [
            option
            for name, value in self.configuration.items()
            for option in ("--conf", f"{name}={value}")
        ]
        return [
            str(spark_home() / "bin" / "spark-submit"),
            "--master",
            self.master,
            "--driver-memory",
            self.driver_memory,
            "--driver-java-options",
            self.driver_java_options,
            *conf_options,
            "--class",
            self.main,
            str(fat_jar(self.module)),
            *arguments,
        ]


def speed_layer(config: StackConfig) -> list[str]:
    return _submission(
        config, config.speed_layer, "io.foldlog.speed.SpeedLayer", "speed-layer", "UseG1GC"
    ).command("--result", str(config.speed_layer_result))


def batch_submission(config: StackConfig) -> Submission:
    # pauses do not matter for the batch layer, and this collector needs the least memory
    return _submission(
        config, config.batch_layer, "io.foldlog.batch.BatchLayer", "batch-layer", "UseSerialGC"
    )


def _submission(
    config: StackConfig, layer: SparkProgram, main: str, module: str, collector: str
) -> Submission:
    return Submission(
        main=main,
        module=module,
        cores=layer.cores,
        heap_mebibytes=layer.heap_mebibytes,
        ui_port=layer.ui_port,
        collector=collector,
        cluster=config.spark_master,
        bind_address=config.bind_address,
        host=config.host,
    )


def batch_layer(config: StackConfig, *arguments: str) -> list[str]:
    return batch_submission(config).command(*arguments)
