package io.foldlog.producer;

import io.foldlog.log.OutgoingEvent;
import java.util.Optional;

/** Where events come from, one after the other. For one thread. */
interface UserSource extends AutoCloseable {

  /** Its name, as {@code --source} takes it. */
  String name();

  /**
   * The next event, its time later than that of the one before; empty when there are no more, or
   * when a stop was requested while waiting for one.
   *
   * @throws io.foldlog.contract.PipelineException usage error, for input that is no event;
   *     unavailable, when a server gave nothing usable in time
   */
  Optional<OutgoingEvent> next();

  @Override
  void close();
}
