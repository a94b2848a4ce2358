package io.foldlog.batch.reconcile;

import io.foldlog.contract.UserField;
import io.foldlog.view.RejectedRepair;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The cells whose repair Cassandra refused, of some users, with Cassandra's reason. */
final class RejectedCells {

  private final Map<UUID, Map<String, String>> reasons = new HashMap<>();

  void add(List<RejectedRepair> repairs) {
    for (RejectedRepair repair : repairs) {
      Map<String, String> ofUser = reasons.computeIfAbsent(repair.userId(), id -> new HashMap<>());
      if (repair.fields().isEmpty()) {
        ofUser.put(Discrepancy.ROW, repair.reason());
      }
      for (UserField field : repair.fields()) {
        ofUser.put(field.columnName(), repair.reason());
      }
    }
  }

  boolean holds(UUID user) {
    return reasons.containsKey(user);
  }

  boolean holds(UUID user, Discrepancy discrepancy) {
    return of(user).containsKey(discrepancy.cell());
  }

  /** The discrepancies without those whose repair was refused. */
  List<Discrepancy> without(UUID user, List<Discrepancy> discrepancies) {
    return discrepancies.stream().filter(each -> !holds(user, each)).toList();
  }

  /** The reason for each refused cell of a user. */
  Map<String, String> of(UUID user) {
    return reasons.getOrDefault(user, Map.of());
  }
}
