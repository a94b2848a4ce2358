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
 * What the launcher needs of the settings, resolved: printed as JSON, every value in one unit.
 *
 * @param java the launcher of the Java machine that printed this
 * @param stack the section of that name
 * @param ports all that have to be free
 * @param kafkaArguments the argument file that runs the broker, once prepared
 * @param cassandraArguments the argument file that runs the node, once prepared
 * @param speedLayerStatus what the running speed layer says of itself
 * @param reports where the batch layer's runs leave theirs
 * @param kafka the log
 * @param schemaRegistry its address; empty for none
 * @param view how the view is reached
 */
record ResolvedStackConfig(
    Path java,
    StackSettings stack,
    List<Port> ports,
    Path kafkaArguments,
    Path cassandraArguments,
    Path speedLayerStatus,
    Path reports,
    Log kafka,
    String schemaRegistry,
    View view) {

  /** The log, and whether others run its brokers. */
  record Log(boolean external, String bootstrapServers, String topic) {}

  /** The view's address, whether others run it, and the roles that use cqlsh. */
  record View(
      boolean external, String host, int port, String keyspace, Login reader, Login admin) {}

  /** A role and the absolute path of its password's file. */
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
        new Log(kafka.external(), kafka.bootstrapServers(), kafka.topic()),
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
