package io.foldlog.local.stack;

import io.foldlog.local.stack.StackSettings.Port;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.Settings;
import io.foldlog.view.CassandraSettings;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The resolved settings that the launcher needs. Printed as JSON.
 *
 * @param java path of the java launcher of this JVM
 * @param stack the section {@code stack}
 * @param ports all ports that must be free
 * @param kafkaArguments the argument file that runs the broker; exists after the preparation
 * @param cassandraArguments the argument file that runs the node; exists after the preparation
 * @param speedLayerStatus the status file of the speed layer
 * @param reports the folder of the batch reports
 * @param kafka the event topic and its brokers
 * @param schemaRegistry URL of the schema registry; empty for none
 * @param view how clients reach the view
 */
record ResolvedStackConfig(
    Path java,
    StackSettings stack,
    List<Port> ports,
    Path kafkaArguments,
    Path cassandraArguments,
    Path speedLayerStatus,
    Path reports,
    Kafka kafka,
    String schemaRegistry,
    View view) {

  /** The event topic; {@code external} if the stack does not run its brokers. */
  record Kafka(boolean external, String bootstrapServers, String topic) {}

  /** The view's address and the roles for cqlsh; {@code external} if others run Cassandra. */
  record View(
      boolean external, String host, int port, String keyspace, Login reader, Login admin) {}

  /** A role and the absolute path of its password file. */
  record Login(String user, Path passwordFile) {}

  static ResolvedStackConfig of(Settings settings) {
    StackSettings stack = StackSettings.from(settings);
    CassandraSettings cassandra = CassandraSettings.from(settings);
    KafkaSettings kafka = KafkaSettings.from(settings);
    Set<StackSettings.Server> external = new HashSet<>();
    if (kafka.external()) {
      external.add(stack.kafka());
    }
    if (cassandra.external()) {
      external.add(stack.cassandra());
    }
    return new ResolvedStackConfig(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        stack,
        stack.ports(external),
        LocalServers.argumentFile(LocalServers.kafkaFolder(stack)),
        LocalServers.argumentFile(LocalServers.cassandraFolder(stack)),
        settings.section("speed-layer").path("status-file").toAbsolutePath(),
        settings.section("batch-layer").path("reports").toAbsolutePath(),
        new Kafka(kafka.external(), kafka.bootstrapServers(), kafka.topic()),
        settings.section("schema-registry").optionalText("url").orElse(""),
        new View(
            cassandra.external(),
            cassandra.contactPoints().get(0),
            cassandra.port(),
            cassandra.keyspace(),
            login(cassandra.reader()),
            login(cassandra.admin())));
  }

  private static Login login(CassandraSettings.Credentials credentials) {
    return new Login(credentials.user(), credentials.password().requiredFile().toAbsolutePath());
  }
}
