package io.foldlog.runtime;

import com.typesafe.config.ConfigException;
import io.foldlog.contract.PipelineException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The error messages of this module. A method returns the exception, and its caller throws it. A
 * rule completes the sentence "the setting is …; it …".
 */
final class RuntimeErrors {

  static final String NOT_EMPTY_RULE = "must not be empty";
  static final String TEXT_RULE = "must be text";
  static final String TEXT_LIST_RULE = "must be a list of texts";
  static final String FLAG_RULE = "must be true or false";
  static final String TIME_SPAN_RULE = "must be a time span such as 500ms, 30s or 2 minutes";
  static final String POSITIVE_TIME_SPAN_RULE = "must be longer than 0";
  static final String SIZE_RULE = "must be a size such as 512 KiB or 1 MiB";

  private RuntimeErrors() {}

  // Settings

  static String wholeNumberRule(long min, long max) {
    return "must be a whole number from %d to %d".formatted(min, max);
  }

  static String numberRule(double min, double max) {
    return "must be a number from %s to %s".formatted(min, max);
  }

  static String choiceRule(List<String> names) {
    return "must be one of " + String.join(", ", names);
  }

  /** For a section that accepts any keys; {@code key} names the list in it. */
  static String noListRule(String key) {
    return "must hold texts and numbers only, and " + key + " is a list";
  }

  /**
   * A setting has an invalid value.
   *
   * @param origin the file and line, or the environment variable, that sets the value
   */
  static PipelineException settingBreaksRule(
      String origin, String setting, String value, String rule) {
    return PipelineException.usageError(
        "%s: the setting %s is %s; it %s.".formatted(origin, setting, value, rule));
  }

  static PipelineException settingsFileIsMissing(Path file) {
    return PipelineException.usageError("The settings file %s does not exist.".formatted(file));
  }

  static PipelineException settingsAreUnreadable(ConfigException cause) {
    return PipelineException.usageError(
        "The settings cannot be read: " + cause.getMessage(), cause);
  }

  static PipelineException settingIsUnknown(
      String origin, String setting, Optional<String> nearest) {
    return PipelineException.usageError(
        "%s: the setting %s is not known%s".formatted(origin, setting, suggestion(nearest)));
  }

  static PipelineException variableIsUnknown(String variable, Optional<String> nearest) {
    return PipelineException.usageError(
        "The environment variable %s does not match a known setting%s"
            .formatted(variable, suggestion(nearest)));
  }

  private static String suggestion(Optional<String> nearest) {
    return nearest.map(near -> "; did you mean " + near + "?").orElse(".");
  }

  static PipelineException settingIsNotASection(String origin, String setting) {
    return PipelineException.usageError(
        "%s: %s is a setting, not a section.".formatted(origin, setting));
  }

  static PipelineException sectionIsNotASetting(String origin, String section) {
    return PipelineException.usageError(
        "%s: %s is a section, not a setting.".formatted(origin, section));
  }

  // Secrets

  static PipelineException secretIsNotSet(String setting) {
    return PipelineException.usageError(
        "The setting %s is blank: it must name a file of mode 600 that holds the secret."
            .formatted(setting));
  }

  static PipelineException secretIsMissing(Path file, String setting) {
    return secretFile(file, setting, "does not exist; provisioning generates it");
  }

  static PipelineException secretIsReadableByOthers(Path file, String setting) {
    return secretFile(
        file, setting, "can be read by users other than its owner: run chmod 600 " + file);
  }

  static PipelineException secretIsEmpty(Path file, String setting) {
    return secretFile(file, setting, "is empty: it must hold the secret in one line");
  }

  static PipelineException secretIsUnreadable(Path file, String setting, IOException reason) {
    return secretFile(file, setting, "cannot be read (" + reason.getClass().getSimpleName() + ")");
  }

  private static PipelineException secretFile(Path file, String setting, String problem) {
    return PipelineException.usageError(
        "The secret file %s of setting %s %s.".formatted(file, setting, problem));
  }

  // Servers and the heap

  /**
   * A server did not answer within the startup timeout.
   *
   * @param server its name and address
   * @param failure the last failure, or null if there was none
   */
  static PipelineException serverDidNotAnswer(String server, Duration limit, Exception failure) {
    return PipelineException.unavailable(
        "%s did not answer within %d s%s. Start it, or raise the setting runtime.startup-timeout."
            .formatted(server, limit.toSeconds(), failure == null ? "" : ": " + brief(failure)),
        failure);
  }

  /** The first line of the failure's message. */
  private static String brief(Throwable failure) {
    String message = failure.getMessage();
    String first = message == null ? "" : message.lines().findFirst().orElse("");
    return first.isBlank()
        ? failure.getClass().getSimpleName()
        : first.strip().replaceFirst("\\.$", "");
  }

  /**
   * The Java heap is exhausted.
   *
   * @param doing the activity, as a clause that follows "while"
   * @param reason the message of Java
   * @param remedy how to raise the heap, in one or two sentences
   */
  static PipelineException heapIsTooSmall(
      long mebibytes, String doing, String reason, String remedy, Throwable cause) {
    return PipelineException.resourceExhausted(
        "The heap of %d MiB was too small while %s (%s). %s"
            .formatted(mebibytes, doing, reason, remedy),
        cause);
  }
}
