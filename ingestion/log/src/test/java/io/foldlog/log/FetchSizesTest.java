package io.foldlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FetchSizesTest {

  private static final long MEBIBYTE = 1L << 20;

  @Test
  void shouldLimitRecordsPerPollByHeap() {
    assertThat(FetchSizes.maxPollRecords(4 * MEBIBYTE)).isEqualTo(1);
    assertThat(FetchSizes.maxPollRecords(512 * MEBIBYTE)).isEqualTo(64);
    assertThat(FetchSizes.maxPollRecords(Long.MAX_VALUE)).isEqualTo(2000);
  }

  @Test
  void shouldLimitFetchedBytesByHeap() {
    assertThat(FetchSizes.fetchMaxBytes(4 * MEBIBYTE)).isEqualTo(1 << 20);
    assertThat(FetchSizes.fetchMaxBytes(512 * MEBIBYTE)).isEqualTo(32 << 20);
    assertThat(FetchSizes.fetchMaxBytes(Long.MAX_VALUE)).isEqualTo(50 << 20);
  }
}
