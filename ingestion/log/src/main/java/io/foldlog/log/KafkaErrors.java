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

/** Turns what Kafka's clients throw into failures that a person can act on. */
public final class KafkaErrors {

  /**
   * Only the words of a failure depend on the answer, and a process that is asked to end has to say
   * them in time.
   */
  private static final Duration ASKING_LIMIT = Duration.ofSeconds(5);

  private KafkaErrors() {}

  /**
   * The failure to throw; what is no failure of Kafka's comes back as it was, or wrapped when it is
   * checked.
   *
   * @param connection to the brokers that were asked
   * @param doing what was being done, to follow "while", as in {@code reading topic users}
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
      return unresolvable(cause)
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
    if (cause instanceof RuntimeException bug) {
      return bug;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("While " + doing, cause);
  }

  /**
   * As {@link #of}, for a send to the topic: a producer only times out when the topic is missing,
   * so the brokers are asked.
   */
  public static RuntimeException ofSending(
      KafkaClients connection, String topic, String doing, Throwable thrown) {
    RuntimeException failure = of(connection, doing, thrown);
    if (failure instanceof PipelineException known
        && known.kind() == PipelineException.Kind.UNAVAILABLE) {
      try (EventTopic log = EventTopic.open(connection.within(ASKING_LIMIT), topic)) {
        log.identity();
      } catch (PipelineException reason) {
        return reason.kind() == PipelineException.Kind.USAGE_ERROR ? reason : failure;
      }
    }
    return failure;
  }

  /**
   * A client without TLS takes the first bytes of a server's TLS for the length of an answer, and
   * runs out of memory (KAFKA-4090).
   */
  static boolean isPlaintextToTls(Throwable cause) {
    return cause instanceof TimeoutException
        && String.valueOf(cause.getMessage()).contains("AdminClient thread has exited");
  }

  /** A name that does not resolve may be that of a server that is still to come. */
  private static boolean unresolvable(Throwable cause) {
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
