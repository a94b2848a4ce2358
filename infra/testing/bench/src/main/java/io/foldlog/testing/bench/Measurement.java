package io.foldlog.testing.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One figure of both contenders, round by round. */
record Measurement(String what, String unit, List<Double> speedLayer, List<Double> plainConsumer) {

  static Measurement of(String what, String unit) {
    return new Measurement(what, unit, new ArrayList<>(), new ArrayList<>());
  }

  /** A Markdown row: medians, and the median of the rounds' ratios. */
  String row() {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < speedLayer.size(); round++) {
      ratios.add(speedLayer.get(round) / plainConsumer.get(round));
    }
    return String.format(
        Locale.ROOT,
        "| %s | %,.1f %s | %,.1f %s | %.2f |",
        what,
        median(speedLayer),
        unit,
        median(plainConsumer),
        unit,
        median(ratios));
  }

  static double median(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
