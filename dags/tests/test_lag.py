from __future__ import annotations

import pytest

from foldlog_airflow import lag


@pytest.mark.parametrize(
    ("lags", "grows"),
    [
        ([1, 2, 3], False),
        ([0, 400, 700, 1000], False),
        ([0, 400, 700, 1001], True),
        ([5000, 4000, 4100, 4200], False),
        ([5000, 5000, 5100, 5200], False),
        ([10_000, 20_000, 30_000, 40_000], True),
    ],
)
def test_lag_grows_if_each_of_four_checks_finds_more(lags: list[int], grows: bool) -> None:
    assert lag.grows(lags) == grows
