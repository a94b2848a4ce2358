package io.foldlog.producer;

import io.foldlog.contract.InvalidValueException;
import io.foldlog.contract.PipelineException;
import io.foldlog.contract.Rejection;
import io.foldlog.producer.ProducerSettings.SourceKind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * The error messages of this module. A method returns the exception, and its caller throws it. A
 * rule completes the sentence "the setting is …; it …". Any other text is the reason in another
 * message.
 */
final class ProducerErrors {

  static final String EVENT_WEIGHTS_RULE =
      "must be registrations:updates:deletions, the first of them at least 1, as in 70:25:5";
  static final String MAX_BACKOFF_RULE = "must be longer than initial-backoff";
  static final String API_URL_RULE = "must be an address such as https://randomuser.me/api/1.4/";
  static final String API_URL_PARTS_RULE =
      "must be an address by http or https without login or query, such as https://randomuser.me/api/1.4/";
  static final String REGISTRY_URL_RULE = "must be an address such as http://127.0.0.1:8081";

  static final String FILE_IS_FOLDER = "it is a folder";
  static final String RATE_LIMIT_WAS_REACHED = "the rate limit was reached (429)";
  static final String API_ERROR = "the API answered with an error";
  static final String BODY_IS_NOT_AN_OBJECT = "the body is not a JSON object";
  static final String BODY_IS_INCOMPLETE = "the body is not one complete JSON object";
  static final String BODY_IS_NOT_JSON = "the body is not well-formed JSON, or was cut off";
  static final String BODY_HAS_NO_RESULTS = "the body has no results";
  static final String RESULT_IS_NOT_AN_OBJECT = "results holds a value that is not a JSON object";
  static final String ANSWER_IS_NOT_JSON = "its answer is not JSON";

  private ProducerErrors() {}

  // Options

  static PipelineException countIsTooSmall(long count) {
    return PipelineException.usageError("--count is %d; it must be at least 1.".formatted(count));
  }

  static PipelineException rateAndInterval() {
    return PipelineException.usageError(
        "--rate and --interval are both given; give one: an even rate, or batches.");
  }

  static PipelineException rateIsOutOfRange(double rate) {
    return PipelineException.usageError(
        "--rate is %s; it must be above 0 and at most 1,000,000 events a second.".formatted(rate));
  }

  static PipelineException batchIsOutOfRange(int batch) {
    return PipelineException.usageError(
        "--batch is %d; it must be from 1 to 1,000,000.".formatted(batch));
  }

  static PipelineException batchIsLargerThanRequest(int batch, int max) {
    return PipelineException.usageError(
        "--batch is %d; a request to the API may ask for %d users at most.".formatted(batch, max));
  }

  static PipelineException eventWeightsAreMalformed(String weights) {
    return PipelineException.usageError(
        "--event-weights is %s; it %s.".formatted(weights, EVENT_WEIGHTS_RULE));
  }

  static PipelineException optionIsOfOtherSource(String option, SourceKind source) {
    return PipelineException.usageError(
        "%s belongs to --source %s only; leave it out, or name that source."
            .formatted(option, source.name().toLowerCase(Locale.ROOT)));
  }

  static PipelineException fileIsNotGiven() {
    return PipelineException.usageError("--source file needs --file FILE.");
  }

  static PipelineException seedWithFile() {
    return PipelineException.usageError(
        "--seed means nothing with --source file, whose events are in the file; leave it out.");
  }

  static PipelineException seedWithoutAsOf() {
    return notRepeatable("--seed", "--as-of");
  }

  static PipelineException asOfWithoutSeed() {
    return notRepeatable("--as-of", "--seed");
  }

  private static PipelineException notRepeatable(String given, String missing) {
    return PipelineException.usageError(
        "%s is given without %s; a run is repeatable only with both, so give both or neither."
            .formatted(given, missing));
  }

  static PipelineException seedIsMalformed() {
    return PipelineException.usageError("--seed must be text of 1 to 256 characters.");
  }

  static PipelineException asOfIsMalformed(String asOf) {
    return PipelineException.usageError(
        "--as-of is %s; it must be an RFC 3339 time such as 2026-01-31T00:00:00Z.".formatted(asOf));
  }

  static PipelineException asOfIsOutOfRange(String asOf) {
    return PipelineException.usageError(
        "--as-of is %s; events before 2000 or more than 5 minutes ahead of the clock would be dead letters, so it must lie between."
            .formatted(asOf));
  }

  // Source file; a line is written as users.jsonl:17

  static PipelineException fileIsUnreadable(Path file, IOException cause) {
    return PipelineException.usageError(
        "The file %s of --file cannot be read: %s. Name a readable file.".formatted(file, cause),
        cause);
  }

  static PipelineException lineIsUnreadable(String line, IOException cause) {
    return PipelineException.usageError(
        "%s cannot be read: %s. Name a readable file.".formatted(line, cause), cause);
  }

  static PipelineException lineIsTooLong(String line) {
    return PipelineException.usageError(
        "%s is longer than 64 MiB. Name a file with one JSON document per line.".formatted(line));
  }

  static PipelineException lineIsRejected(String line, Rejection rejection) {
    return PipelineException.usageError(
        "%s would be a dead letter (%s): %s. Correct or remove the line. The lines before it were sent, and sending them again changes nothing."
            .formatted(line, rejection.code(), rejection.message()));
  }

  static PipelineException flatEventHasNoTime(String line) {
    return PipelineException.usageError(
        "%s is a flat event, which has no time. Set one with --as-of TIME: each flat line is then recorded at that time plus its position in µs."
            .formatted(line));
  }

  // API of random users

  /** The cause is the failure of the last attempt. */
  static PipelineException apiGaveNoPage(URI url, Duration after, Exception cause) {
    return PipelineException.unavailable(
        "%s gave no page of users for %d s: %s. Check the network and the setting producer.randomuser.url, run again later, or use --source synthetic, which needs no network."
            .formatted(url, Math.max(1, after.toSeconds()), cause.getMessage()),
        cause);
  }

  static PipelineException apiRefuses(URI url, int status) {
    return PipelineException.usageError(
        "%s answered with status %d. A retry does not help. Correct the setting producer.randomuser.url."
            .formatted(url, status));
  }

  /** The message does not contain the address, which may have a password. */
  static PipelineException proxyIsMalformed(String variable) {
    return PipelineException.usageError(
        "The environment variable %s is not the address of an HTTP proxy such as http://proxy.example:3128. Correct it, or name the API's host in no_proxy."
            .formatted(variable));
  }

  static PipelineException proxyRefusesLogin(URI url, Optional<String> variable) {
    return PipelineException.usageError(
        "The HTTP proxy of %s refused the login (407). Correct the user and password in %s."
            .formatted(
                url, variable.map("the environment variable "::concat).orElse("its settings")));
  }

  static PipelineException userIdIsMalformed(String user) {
    return userIsUnusable(user, "its login.uuid is not a UUID");
  }

  static PipelineException userIsInvalid(String user, InvalidValueException invalid) {
    return userIsUnusable(user, "one of its values " + invalid.getMessage());
  }

  /** The API has changed, or another server answers at its address. */
  private static PipelineException userIsUnusable(String user, String fault) {
    return PipelineException.usageError(
        "%s is not a user of the API 1.4: %s. Check the setting producer.randomuser.url."
            .formatted(user, fault));
  }

  static String noAnswerWithin(Duration timeout) {
    return "no complete answer came within " + timeout.toMillis() + " ms";
  }

  static String answeredWith(int status) {
    return "it answered with status " + status;
  }

  static String usersDiffer(int found, int wanted) {
    return "it answered with %d users instead of %d".formatted(found, wanted);
  }

  static String infoDiffers(String name, String found, String wanted) {
    return "its info.%s is %s instead of %s".formatted(name, found, wanted);
  }

  static String memberIsNotPlain(String path) {
    return path + " is not a plain value";
  }

  // Schema registry

  static PipelineException schemaIsIncompatible(URI url, String subject) {
    return PipelineException.usageError(
        "The schema registry at %s refuses the schema of subject %s: it is not backward compatible with the one registered before. Give the event type a new version, or correct the schema."
            .formatted(url, subject));
  }

  static PipelineException registryRefuses(URI url, String method, String subject, int status) {
    return PipelineException.usageError(
        "The schema registry at %s answered %s of subject %s with status %d. A retry does not help. Correct the setting schema-registry.url."
            .formatted(url, method, subject, status));
  }

  // Ack journal

  static PipelineException ackJournalIsUnwritable(Path file, IOException cause) {
    return PipelineException.usageError(
        "The file %s of --ack-journal cannot be written: %s. Name a writable file."
            .formatted(file, cause),
        cause);
  }

  static PipelineException ackJournalIsUnreadable(Path file, IOException cause) {
    return PipelineException.usageError(
        "The file %s cannot be read: %s. Name the file that the producer wrote with --ack-journal."
            .formatted(file, cause),
        cause);
  }

  static PipelineException ackJournalLineIsMalformed(Path file, int number, Throwable cause) {
    return PipelineException.usageError(
        "Line %d of %s is not a line of an ack journal. Name the file that the producer wrote with --ack-journal, or record the events again with a new file."
            .formatted(number, file),
        cause);
  }

  static PipelineException ackJournalIsOfOtherTopic(Path file, String recordedId, String foundId) {
    return PipelineException.usageError(
        "The file %s of --ack-journal is of the topic with the id %s, but the id of the topic is now %s. Name a new file."
            .formatted(file, recordedId, foundId));
  }

  /** A message and not an exception, because the command also has a result. */
  static String acknowledgedRecordsAreMissing(
      String topic, Path file, AckVerifier.Findings findings) {
    return "Topic %s does not hold what it acknowledged in %s: %d of %d records are missing and %d differ, such as %s. See the brokers' logs, and record the events again."
        .formatted(
            topic,
            file,
            findings.missing(),
            findings.acknowledged(),
            findings.differing(),
            findings.example());
  }

  /** An example of {@link #acknowledgedRecordsAreMissing}. */
  static String eventAt(int partition, long offset, String id) {
    return "event %s at offset %d of partition %d".formatted(id, offset, partition);
  }
}
