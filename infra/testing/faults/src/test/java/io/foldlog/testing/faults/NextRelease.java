package io.foldlog.testing.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foldlog.admin.verify.Verifier;
import io.foldlog.batch.BatchLayer;
import io.foldlog.batch.BatchLayerInProcess;
import io.foldlog.contract.DecodeResult;
import io.foldlog.contract.DecodeRules;
import io.foldlog.contract.EventDecoder;
import io.foldlog.contract.EventDecoder.CreateTime;
import io.foldlog.contract.RawRecord;
import io.foldlog.runtime.ExitStatus;
import io.foldlog.speed.RunningSpeedLayer;
import io.foldlog.testing.scenarios.TestEnvironment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/**
 * The applications with the decode rules of a later release. That release reads the member {@code
 * town} of an event's data as the city, converts nationalities to upper case, and reads a flat
 * event with the member {@code left_at} as a deletion at that time. Its decode version is one
 * higher.
 */
record NextRelease(TestEnvironment environment) {

  record Rules(CreateTime createTime) implements DecodeRules {

    @Override
    public int version() {
      return DecodeRules.current(createTime).version() + 1;
    }

    @Override
    public EventDecoder newDecoder() {
      return new Decoder(createTime);
    }
  }

  private static final class Decoder extends EventDecoder {

    private static final ObjectMapper JSON = new ObjectMapper();

    Decoder(CreateTime createTime) {
      super(createTime);
    }

    @Override
    public DecodeResult decode(RawRecord record) {
      try {
        return super.decode(
            new RawRecord(
                record.key(),
                translated(record.value()),
                record.headers(),
                record.timestampSource(),
                record.timestampMillis(),
                record.offset()));
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }

    /** Translates a value so that this release decodes it as the later release does. */
    private static byte[] translated(byte[] value) throws IOException {
      JsonNode event = JSON.readTree(value);
      if (event.has("left_at")) {
        return JSON.writeValueAsBytes(deletion(event));
      }
      if (event.path("data") instanceof ObjectNode data) {
        if (data.has("town")) {
          data.set("city", data.remove("town"));
        }
        if (data.has("nationality")) {
          data.put("nationality", data.path("nationality").asText().toUpperCase(Locale.ROOT));
        }
      }
      return JSON.writeValueAsBytes(event);
    }

    private static JsonNode deletion(JsonNode flat) {
      return JSON.createObjectNode()
          .put("specversion", "1.0")
          .put("id", flat.path("id").asText())
          .put("source", "urn:test")
          .put("type", "user.deleted.v1")
          .put("subject", flat.path("id").asText())
          .put("time", flat.path("left_at").asText());
    }
  }

  RunningSpeedLayer startSpeedLayer() {
    return environment.startSpeedLayer(Rules::new);
  }

  ExitStatus batch(String... arguments) {
    return environment.run(
        new BatchLayer(BatchLayerInProcess.environment().withRules(Rules::new)), arguments);
  }

  ExitStatus verify() {
    return environment.run(new Verifier(Rules::new));
  }
}
