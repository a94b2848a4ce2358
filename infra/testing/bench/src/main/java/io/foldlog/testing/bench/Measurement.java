package io.foldlog.testing.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One measured value of both clients, for each round. */
record Measurement(String name, String unit, List<Double> speedLayer, List<Double> plainConsumer) {

  static Measurement of(String name, String unit) {
    return new Measurement(name, unit, new ArrayList<>(), new ArrayList<>());
  }

  /** A Markdown row: the medians, and the median of the ratios of the rounds. */
  String row() {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < speedLayer.size(); round++) {
      ratios.add(speedLayer.get(round) / plainConsumer.get(round));
    }
    return String.format(
        Locale.ROOT,
        "| %s | %,.1f %s | %,.1f %s | %.2f |",
        name,
        median(speedLayer),
        unit,
        median(plainConsumer),
        unit,
        median(ratios));
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
