from typing import Any

import numpy as np
import pytest

from hardmax.errors import InputError
from hardmax.experiments.clustering.figure import plot_means, plot_study

MEASURES = ("strength", "test_accuracy", "step", "leading", "opinion_of_leading_words", "opinion_of_words")


def row(training: str, d: int, alpha: float | str, **means: float | None) -> dict[str, Any]:
    filled: dict[str, Any] = {"training": training, "d": d, "alpha": alpha}
    for name in MEASURES:
        filled |= {f"{name}_mean": means.get(name, 0.5), f"{name}_std": 0.01}
    return filled


ROWS = [
    row(training, d, alpha, step=step, strength=step / 2, test_accuracy=0.9 - step / 10, opinion_of_words=0.2)
    for training in ("lines", "free")
    for d in (2, 4)
    for alpha, step in ((0, 0.0), (0.1, 0.1), (1, 1.0), ("learn", 0.3))
]
OF_2 = [each for each in ROWS if each["d"] == 2]


def test_each_training_is_a_curve_and_a_learned_alpha_a_star_beside_it():
    ax = plot_means(OF_2, "strength", "test_accuracy")
    curves = {container.get_label(): container.lines[0] for container in ax.containers}
    assert list(curves) == [
        *("words on lines", "words on lines, alpha learned"),
        *("free words", "free words, alpha learned"),
    ]
    np.testing.assert_allclose(curves["free words"].get_xydata(), [(0, 0.9), (0.05, 0.89), (0.5, 0.8)])
    star = curves["free words, alpha learned"]
    assert star.get_marker() == "*"
    np.testing.assert_allclose(star.get_xydata(), [(0.15, 0.87)])


def test_the_spread_is_drawn_both_ways():
    ax = plot_means(OF_2, "strength", "test_accuracy")
    across, upwards = ax.containers[0].lines[2]
    np.testing.assert_allclose(across.get_segments()[0], [(-0.01, 0.9), (0.01, 0.9)])
    np.testing.assert_allclose(upwards.get_segments()[0], [(0, 0.89), (0, 0.91)])


def test_alpha_has_a_place_for_0_and_the_ticks_that_were_asked_for():
    ax = plot_means(OF_2, "step", "strength")
    assert ax.get_xscale() == "symlog"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "0.1", "1"]


def test_a_missing_number_is_left_out():
    ax = plot_means([row("free", 2, 1), row("free", 2, 3, strength=None)], "step", "strength")
    assert np.isnan(ax.containers[0].lines[0].get_ydata()).tolist() == [False, True]
    ax.figure.draw_without_rendering()


def test_the_study_has_a_column_for_each_dimension_and_shows_the_share_among_all_words():
    figure = plot_study(ROWS)
    assert len(figure.axes) == 4 * 2
    assert [ax.get_title() for ax in figure.axes[:2]] == ["d = 2", "d = 4"]
    for ax in figure.axes[-2:]:
        (level,) = [line for line in ax.lines if line.get_label() == "among all words"]
        assert list(level.get_ydata()) == [0.2, 0.2]
    figure.draw_without_rendering()


@pytest.mark.parametrize("plot", [plot_study, lambda rows: plot_means(rows, "step", "strength")])
def test_missing_rows_and_columns_are_named(plot):
    with pytest.raises(InputError, match="no row"):
        plot([])
    with pytest.raises(InputError, match=r"row 0 has no column '\w+'; it has alpha"):
        plot([{"alpha": 1}])
