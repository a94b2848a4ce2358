package io.foldlog.producer;

import io.foldlog.contract.EventType;
import io.foldlog.log.KafkaSettings;
import io.foldlog.runtime.ApplicationCommand;
import io.foldlog.runtime.ApplicationContext;
import io.foldlog.runtime.ApplicationOutcome;
import io.foldlog.runtime.Settings;
import io.foldlog.runtime.StartupTimeout;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Registers the JSON Schemas of the events' data, one subject per event type. */
@Command(
    name = "register-schemas",
    description = {
      "Registers the events' schemas with the registry of the setting schema-registry.url, each as",
      "<topic>-<event type> under BACKWARD compatibility. A registered schema is not changed.",
      "Without a registry the command prints registry=none and does nothing."
    })
final class RegisterSchemasCommand implements ApplicationCommand {

  @Override
  public ApplicationOutcome run(ApplicationContext context) throws Exception {
    Settings settings = context.settings();
    Settings.Section section = settings.section("schema-registry");
    Optional<String> address = section.optionalText("url");
    if (address.isEmpty()) {
      context.out().println("registry=none");
      return ApplicationOutcome.success();
    }
    URI uri = address(section, address.get());
    SchemaRegistry registry = new SchemaRegistry(uri);
    String topic = KafkaSettings.from(settings).topic();
    StartupTimeout timeout = new StartupTimeout(settings.startupTimeout(), context.stop());
    for (EventType type : EventType.values()) {
      String subject = topic + "-" + type.wireName();
      long id =
          timeout.waitFor(
              "The schema registry at " + uri,
              () -> Optional.of(registry.register(subject, schema(type))));
      context.out().printf("registry=%s subject=%s id=%d%n", uri, subject, id);
    }
    return ApplicationOutcome.success();
  }

  private static URI address(Settings.Section section, String text) {
    try {
      URI uri = new URI(text);
      if (List.of("http", "https").contains(uri.getScheme()) && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException malformed) {
      // rejected below, like an address without scheme or host
    }
    throw section.reject("url", ProducerErrors.REGISTRY_URL_RULE);
  }

  private static String schema(EventType type) throws IOException {
    try (InputStream file =
        EventType.class.getResourceAsStream("/schemas/" + type.wireName() + ".json")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
