package io.foldlog.producer;

import io.foldlog.contract.InvalidValueException;
import io.foldlog.log.OutgoingEvent;
import io.foldlog.runtime.StopSignal;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registrations of the users of the API, requested page by page. The users depend only on the seed
 * and the page size.
 */
final class RandomUserSource implements UserSource {

  private static final Logger LOG = LoggerFactory.getLogger(RandomUserSource.class);

  private final RandomUserApi api;
  private final String source;
  private final Seed seed;
  private final int pageSize;
  private final EventTimes times;
  private final Queue<RandomUser> page = new ArrayDeque<>();

  /** The first user of each page of the API's current seed, at most 10,000. */
  private final Set<UUID> firstUsers = new HashSet<>();

  private RandomUserApi.PageId pageId;
  private long pages;
  private long position;

  RandomUserSource(
      RandomUserSettings settings, Seed seed, EventTimes times, int pageSize, StopSignal stop) {
    this.api = new RandomUserApi(settings, stop);
    this.source = settings.url().toString();
    this.seed = seed;
    this.times = times;
    this.pageSize = pageSize;
  }

  @Override
  public String name() {
    return "randomuser";
  }

  @Override
  public Optional<OutgoingEvent> next() {
    boolean hasSkippedPage = false;
    while (page.isEmpty()) {
      Optional<RandomUserPage> response = nextPage();
      if (response.isEmpty()) {
        return Optional.empty();
      }
      if (addFirstUser(response.get())) {
        page.addAll(response.get().users());
      } else if (hasSkippedPage) {
        throw ProducerErrors.pagesAreRepeated(source, pageId.number());
      } else {
        LOG.warn("event=repeated_page_skipped api_seed={} page={}", pageId.seed(), pageId.number());
        hasSkippedPage = true;
      }
    }
    return Optional.of(registration(page.remove()));
  }

  private Optional<RandomUserPage> nextPage() {
    pageId = RandomUserApi.PageId.of(seed, pages++);
    if (pageId.number() == 1) {
      firstUsers.clear();
      LOG.info("event=seed_derived seed=\"{}\" api_seed={}", seed.text(), pageId.seed());
    }
    return api.page(pageId, pageSize);
  }

  /**
   * Returns false if an earlier page of the seed had the same users. The API generates a page from
   * 32 bits, so among the 10,000 pages of a seed two are equal by chance with a probability of 1 %.
   * Two repeated pages in a row are not by chance.
   */
  private boolean addFirstUser(RandomUserPage response) {
    return response.users().get(0).id().map(firstUsers::add).orElse(true);
  }

  private OutgoingEvent registration(RandomUser user) {
    String origin =
        "page %d, user %d of %s".formatted(pageId.number(), position % pageSize, source);
    if (!user.faults().isEmpty()) {
      throw ProducerErrors.userIsMalformed(origin, user.faults().get(0));
    }
    if (user.id().isEmpty()) {
      throw ProducerErrors.userIsMalformed(origin, ProducerErrors.USER_ID_IS_NOT_A_UUID);
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
