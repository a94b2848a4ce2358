package io.foldlog.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import io.foldlog.contract.EventType;
import io.foldlog.contract.TestEvents;
import io.foldlog.contract.UserEvent;
import io.foldlog.contract.UserField;
import io.foldlog.contract.UserState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Compares {@link UserState} with Cassandra. Random histories with ties, duplicates, nulls and
 * deletions, written in random order, must result in the same cells and writetimes in the view and
 * in the fold.
 */
@Tag("sized")
class UserStateContractIT {

  private static final int HISTORIES = Integer.getInteger("foldlog.histories", 2_000);
  private static final int ROUND_SIZE = 2_000;
  private static final long SEED = Long.getLong("foldlog.seed", System.nanoTime());

  private static TestView view;

  @BeforeAll
  static void provision() throws InterruptedException {
    view = TestView.provisioned("contract");
  }

  @Test
  void shouldHaveTheSameStateInCassandraAndInTheFold() throws Exception {
    System.out.printf("foldlog.seed=%d foldlog.histories=%d%n", SEED, HISTORIES);
    Random random = new Random(SEED);
    int live = 0;
    try (CqlSession session = view.session(TestView.WRITER)) {
      UserViewWriter writer = view.writer(session);
      UserViewReader reader = UserViewReader.over(session, view.keyspace());
      for (int written = 0; written < HISTORIES; written += ROUND_SIZE) {
        List<History> histories = new ArrayList<>();
        for (int index = 0; index < Math.min(ROUND_SIZE, HISTORIES - written); index++) {
          histories.add(new History(random));
        }
        writeInterleaved(histories, writer);
        Map<UUID, ViewRow> rows =
            reader.readAll(histories.stream().map(history -> history.userId).toList());
        for (History history : histories) {
          assertThat(
                  FoldOracle.VALUES_AND_WRITETIMES.differences(
                      history.state(), Optional.ofNullable(rows.get(history.userId))))
              .as("seed %d, history %s", SEED, history)
              .isEmpty();
        }
        live += rows.size();
      }
    }
    assertThat(live).isBetween(HISTORIES / 4, HISTORIES - HISTORIES / 20);
  }

  /**
   * Writes one step of each history in turn, so that all steps of a user may be in flight together.
   */
  private static void writeInterleaved(List<History> histories, UserViewWriter writer)
      throws InterruptedException {
    boolean more = true;
    for (int step = 0; more; step++) {
      more = false;
      for (History history : histories) {
        if (step < history.steps.size()) {
          history.steps.get(step).write(writer);
          more = true;
        }
      }
    }
    writer.awaitAll();
  }

  private interface Step {
    void write(UserViewWriter writer) throws InterruptedException;

    void fold(UserState state);
  }

  private record EventStep(UserEvent event) implements Step {
    @Override
    public void write(UserViewWriter writer) throws InterruptedException {
      writer.write(event, "contract", 0, 0, 0);
    }

    @Override
    public void fold(UserState state) {
      state.apply(event);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(event.toString());
      for (UserField field : UserField.data()) {
        if (event.isCleared(field)) {
          text.append(' ').append(field).append("=null");
        } else if (event.isSet(field)) {
          text.append(' ').append(field).append('=').append(hex(event.value(field)));
        }
      }
      return text.toString();
    }
  }

  private record RepairStep(UUID userId, List<CellWrite> cells) implements Step {
    @Override
    public void write(UserViewWriter writer) throws InterruptedException {
      writer.repair(userId, cells);
    }

    @Override
    public void fold(UserState state) {
      for (CellWrite cell : cells) {
        if (cell.isTombstone()) {
          state.clear(cell.field(), cell.timeMicros());
        } else {
          state.set(cell.field(), cell.value(), cell.timeMicros());
        }
      }
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder("repair");
      for (CellWrite cell : cells) {
        text.append(' ')
            .append(cell.field())
            .append('=')
            .append(cell.isTombstone() ? "null" : hex(cell.value()))
            .append('@')
            .append(cell.timeMicros());
      }
      return text.toString();
    }
  }

  private record RowDeletionStep(UUID userId, long timeMicros) implements Step {
    @Override
    public void write(UserViewWriter writer) throws InterruptedException {
      writer.deleteRow(userId, timeMicros);
    }

    @Override
    public void fold(UserState state) {
      state.delete(timeMicros);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static final class History {

    private static final String[] TEXTS = {"a", "b", "aa", "Ä", "ä", "\uD83D\uDE00", "z", "\u007F"};
    private static final String[] TIMES = {
      "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z", "2001-02-03T04:05:06.007Z"
    };
    private static final String[] DECIMALS = {"0", "-0.5", "12.25", "-34.9050"};
    private static final int INSTANTS = 5;

    private final UUID userId;
    private final List<Step> steps = new ArrayList<>();

    History(Random random) {
      userId = new UUID(random.nextLong(), random.nextLong());
      int events = 1 + random.nextInt(7);
      for (int index = 0; index < events; index++) {
        steps.add(step(random));
      }
      int duplicates = random.nextInt(3);
      for (int index = 0; index < duplicates; index++) {
        steps.add(steps.get(random.nextInt(steps.size())));
      }
      Collections.shuffle(steps, random);
    }

    private Step step(Random random) {
      int dice = random.nextInt(100);
      if (dice < 20) {
        return new EventStep(TestEvents.deleted(userId, instant(random)));
      }
      if (dice < 90) {
        return new EventStep(event(random));
      }
      if (dice < 95) {
        return new RowDeletionStep(userId, instant(random));
      }
      return new RepairStep(userId, cells(random));
    }

    /** One of a few instants, so that ties are common. */
    private static long instant(Random random) {
      return TestEvents.NOON + random.nextInt(INSTANTS);
    }

    private UserEvent event(Random random) {
      EventType type = random.nextBoolean() ? EventType.REGISTERED : EventType.UPDATED;
      TestEvents.Builder event = TestEvents.of(type, userId, instant(random));
      for (UserField field : UserField.data()) {
        int dice = random.nextInt(type == EventType.REGISTERED ? 4 : 8);
        if (dice == 0) {
          event.cleared(field);
        } else if (dice < 3) {
          event.set(field, text(field, random));
        }
      }
      return event.build();
    }

    private static String text(UserField field, Random random) {
      return switch (field.type()) {
        case TEXT -> TEXTS[random.nextInt(TEXTS.length)];
        case TIMESTAMP -> TIMES[random.nextInt(TIMES.length)];
        case DOUBLE -> DECIMALS[random.nextInt(DECIMALS.length)];
        case BIGINT -> throw new IllegalStateException(field + " is not a data field");
      };
    }

    private List<CellWrite> cells(Random random) {
      List<CellWrite> cells = new ArrayList<>();
      UserEvent values = event(random);
      for (UserField field : UserField.all()) {
        int dice = random.nextInt(3);
        if (dice == 0) {
          cells.add(CellWrite.tombstone(field, instant(random)));
        } else if (dice == 1 && values.isSet(field)) {
          cells.add(CellWrite.value(field, values.value(field), instant(random)));
        }
      }
      return cells;
    }

    private UserState state() {
      UserState state = new UserState();
      steps.forEach(step -> step.fold(state));
      return state;
    }

    @Override
    public String toString() {
      return userId + Arrays.toString(steps.toArray());
    }
  }
}
