package io.foldlog.local.stack;

import io.foldlog.contract.PipelineException;
import java.nio.file.Path;
import java.util.List;

/**
 * The error messages of this module. A method returns the exception, and its caller throws it. A
 * rule completes the message "the setting is …; it …".
 */
final class StackErrors {

  static final String RETRY_DELAY_RULE = "must be from 1 second to 10 minutes";
  static final String CRON_RULE = "must be five cron fields, such as 0 2 * * *";
  static final String HEAP_RULE = "must be from 64 MiB to 99999 MiB";

  private StackErrors() {}

  static PipelineException brokerIsNotListed(List<String> brokers, String host) {
    return PipelineException.usageError(
        "The setting stack.kafka.brokers is %s; it must name this broker's own stack.host, which is %s."
            .formatted(brokers, host));
  }

  static PipelineException clusterIdIsUnreadable(Path file, Throwable cause) {
    return PipelineException.usageError(
        "The cluster id file %s cannot be read (%s): run the one-shot service secrets first."
            .formatted(file, cause),
        cause);
  }
}
