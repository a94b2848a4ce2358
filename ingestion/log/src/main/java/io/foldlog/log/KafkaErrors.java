package io.foldlog.log;

import io.foldlog.contract.PipelineException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Converts exceptions of Kafka's clients to failures that a user can act on. */
public final class KafkaErrors {

  /**
   * Short, because only the message of a failure depends on the response, and a process that is
   * stopping must print it in time.
   */
  private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(5);

  private KafkaErrors() {}

  /**
   * Returns the failure to throw. Other exceptions are returned unchanged, or wrapped if they are
   * checked.
   *
   * @param connection the clients of the brokers
   * @param doing the activity; follows "while", as in {@code reading topic users}
   */
  public static RuntimeException of(KafkaClients connection, String doing, Throwable thrown) {
    Throwable cause = unwrapped(thrown);
    String servers = connection.bootstrapServers();
    if (cause instanceof PipelineException known) {
      return known;
    }
    if (cause instanceof AuthenticationException) {
      return LogErrors.loginIsRefused(servers, doing, cause);
    }
    if (cause instanceof AuthorizationException) {
      return LogErrors.isNotAllowed(servers, doing, cause);
    }
    if (cause instanceof UnknownTopicOrPartitionException
        || cause instanceof UnknownTopicIdException) {
      return LogErrors.topicOrPartitionIsMissing(servers, doing, cause);
    }
    if (cause instanceof InvalidTopicException || cause instanceof PolicyViolationException) {
      return LogErrors.topicIsRefused(servers, doing, cause);
    }
    if (cause instanceof RecordTooLargeException) {
      return LogErrors.recordIsTooLarge(servers, doing, cause);
    }
    if (cause instanceof ConfigException) {
      return isUnresolvable(cause)
          ? LogErrors.noAnswer(servers, doing, cause)
          : LogErrors.propertiesAreRefused(cause);
    }
    if (isPlaintextToTls(cause)) {
      return LogErrors.listenerIsNotPlaintext(servers, doing, cause);
    }
    if (cause instanceof RetriableException) {
      return LogErrors.noAnswer(servers, doing, cause);
    }
    if (cause instanceof ApiException) {
      return LogErrors.requestIsRefused(servers, doing, cause);
    }
    if (cause instanceof RuntimeException other) {
      return other;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("While " + doing, cause);
  }

  /**
   * As {@link #of}, for a send to the topic. If the topic is missing, a producer only times out, so
   * this method asks the brokers.
   */
  public static RuntimeException ofSending(
      KafkaClients connection, String topic, String doing, Throwable thrown) {
    RuntimeException failure = of(connection, doing, thrown);
    if (failure instanceof PipelineException known
        && known.kind() == PipelineException.Kind.UNAVAILABLE) {
      try (EventTopic log = EventTopic.open(connection.within(METADATA_TIMEOUT), topic)) {
        log.metadata();
      } catch (PipelineException reason) {
        return reason.kind() == PipelineException.Kind.USAGE_ERROR ? reason : failure;
      }
    }
    return failure;
  }

  /**
   * Whether a plaintext client connected to a TLS listener. The client interprets the first bytes
   * of TLS as the size of a response and runs out of memory (KAFKA-4090).
   */
  static boolean isPlaintextToTls(Throwable cause) {
    return cause instanceof TimeoutException
        && String.valueOf(cause.getMessage()).contains("AdminClient thread has exited");
  }

  /** Whether no host name resolves. The server may not have started yet. */
  private static boolean isUnresolvable(Throwable cause) {
    return String.valueOf(cause.getMessage()).startsWith("No resolvable bootstrap");
  }

  private static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null
        && (cause instanceof ExecutionException
            || cause instanceof CompletionException
            || cause.getClass() == KafkaException.class)) {
      cause = cause.getCause();
    }
    return cause;
  }
}
