package io.foldlog.producer;

import io.foldlog.log.OutgoingEvent;
import java.util.Optional;

/** A source of events. For one thread. */
interface UserSource extends AutoCloseable {

  /** The name, as in {@code --source}. */
  String name();

  /**
   * Returns the next event, with a later time than the previous one. Returns empty if there are no
   * more events, or if a stop was requested during the wait for one.
   *
   * @throws io.foldlog.contract.PipelineException usage error, when the input is not an event;
   *     unavailable, when a server does not return a valid response in time
   */
  Optional<OutgoingEvent> next();

  @Override
  void close();
}
