package io.foldlog.runtime;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Suggests the known name that is most similar to a misspelt name. */
final class NearestName {
  private NearestName() {}

  /**
   * The known name with the smallest edit distance, if the distance is at most half of its length.
   */
  static Optional<String> to(String misspelt, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.<String>comparingInt(name -> distance(misspelt, name))
                .thenComparing(Comparator.naturalOrder()))
        .filter(name -> distance(misspelt, name) * 2 <= name.length());
  }

  /** The Levenshtein distance. */
  private static int distance(String left, String right) {
    int[] previous = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int[] current = new int[right.length() + 1];
      current[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int replaced = previous[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[right.length()];
  }
}
