package io.foldlog.producer;

import io.foldlog.contract.InvalidValueException;
import io.foldlog.log.OutgoingEvent;
import io.foldlog.runtime.StopSignal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/** Registrations of the users that the API shows, a page at a time. */
final class RandomUserSource implements UserSource {

  /** Which users the pages hold, and the times of their events. */
  sealed interface Choice {

    /** Other users each time, recorded when they come. */
    record Any(InstantSource clock) implements Choice {}

    /**
     * The users of a seed, recorded at an instant plus their position in µs: position = page × page
     * size + index.
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
      this.times = EventTimes.clock(((Choice.Any) choice).clock());
    }
  }

  @Override
  public String name() {
    return "randomuser";
  }

  @Override
  public Optional<OutgoingEvent> next() {
    if (page.isEmpty()) {
      Optional<RandomUserPage> answer =
          choice instanceof Choice.Seeded seeded
              ? api.seeded(seeded.seed(), pages + 1, pageSize)
              : api.any(pageSize);
      if (answer.isEmpty()) {
        return Optional.empty();
      }
      page.addAll(answer.get().users());
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
