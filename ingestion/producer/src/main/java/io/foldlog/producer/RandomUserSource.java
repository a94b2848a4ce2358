package io.foldlog.producer;

import io.foldlog.contract.InvalidValueException;
import io.foldlog.log.OutgoingEvent;
import io.foldlog.runtime.StopSignal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/** Registrations of the users of the API, requested page by page. */
final class RandomUserSource implements UserSource {

  /** The users of the pages and the times of their events. */
  sealed interface Choice {

    /** Different users in each run. The event times are those of the clock. */
    record Unseeded(InstantSource clock) implements Choice {}

    /**
     * The users of a seed. The time of an event is an instant plus its position in µs. The position
     * is page × page size + index.
     */
    record Seeded(String seed, Instant asOf) implements Choice {}
  }

  private final RandomUserApi api;
  private final String source;
  private final Choice choice;
  private final int pageSize;
  private final EventTimes times;
  private final Queue<RandomUser> page = new ArrayDeque<>();
  private int pages;
  private long position;

  RandomUserSource(RandomUserSettings settings, Choice choice, int pageSize, StopSignal stop) {
    this.api = new RandomUserApi(settings, stop);
    this.source = settings.url().toString();
    this.choice = choice;
    this.pageSize = pageSize;
    if (choice instanceof Choice.Seeded seeded) {
      this.times = EventTimes.asOf(seeded.asOf());
    } else {
      this.times = EventTimes.clock(((Choice.Unseeded) choice).clock());
    }
  }

  @Override
  public String name() {
    return "randomuser";
  }

  @Override
  public Optional<OutgoingEvent> next() {
    if (page.isEmpty()) {
      Optional<RandomUserPage> response =
          choice instanceof Choice.Seeded seeded
              ? api.seeded(seeded.seed(), pages + 1, pageSize)
              : api.unseeded(pageSize);
      if (response.isEmpty()) {
        return Optional.empty();
      }
      page.addAll(response.get().users());
      pages++;
    }
    return Optional.of(registration(page.remove()));
  }

  private OutgoingEvent registration(RandomUser user) {
    String origin = "page %d, user %d of %s".formatted(pages, position % pageSize, source);
    if (user.id().isEmpty()) {
      throw ProducerErrors.userIdIsMalformed(origin);
    }
    try {
      return OutgoingEvent.of(user.registration(source, times.at(position++)), origin);
    } catch (InvalidValueException invalid) {
      throw ProducerErrors.userIsInvalid(origin, invalid);
    }
  }

  @Override
  public void close() {
    api.close();
  }
}
