"""A row of the summary stands for the cells that differ in the seed alone."""

from __future__ import annotations

from hardmax.experiments.clustering.summary import summary_of


def test_one_seed_has_no_spread_and_a_missing_number_no_mean() -> None:
    (row,) = summary_of([{"training": "free", "d": 2, "alpha": 1, "seed": 0, "leaders": 4, "strength": None}])
    assert (row["seeds"], row["leaders_mean"], row["leaders_std"]) == (1, 4, None)
    assert row["strength_mean"] is row["strength_std"] is None
