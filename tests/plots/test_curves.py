import numpy as np
import pytest

from hardmax.errors import InputError
from hardmax.plots import plot_accuracies, plot_losses

NAN = float("nan")
HISTORY = {
    "epoch": np.arange(5),
    "train_loss": [0.7, 0.5, 0.4, 0.3, 0.2],
    "train_loss_hm": [0.71, NAN, 0.41, NAN, 0.21],
    "train_acc": [0.5, 0.7, 0.8, 0.9, 0.95],
    "test_acc": [0.5, 0.7, 0.78, 0.81, 0.8],
}
COUNTS = [("good", 5), ("bad_$", 9), ("rare", 1), ("w" * 60, 7)]


def test_softmax_losses_are_lines_and_hardmax_losses_hollow_markers_where_computed():
    ax = plot_losses({2: HISTORY, 4: HISTORY})
    soft, hard = ax.lines[:2]
    assert ax.get_yscale() == "log"
    np.testing.assert_array_equal(soft.get_ydata(), HISTORY["train_loss"])
    np.testing.assert_array_equal(hard.get_xdata(), [0, 2, 4])
    assert (hard.get_linestyle(), hard.get_marker(), hard.get_markerfacecolor()) == ("None", "o", "none")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "d = 2, softmax",
        "d = 2, hardmax",
        "d = 4, softmax",
        "d = 4, hardmax",
    ]


def test_a_history_without_hardmax_losses_is_lines_alone():
    ax = plot_losses({"mine": HISTORY | {"train_loss_hm": [NAN] * 5}})
    assert len(ax.lines) == 1


def test_the_best_test_accuracy_and_its_epoch_are_told():
    figure = plot_accuracies({2: HISTORY, 4: HISTORY | {"test_acc": [NAN] * 5}})
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["d = 2\nbest test 0.8100 (epoch 3)", "d = 4\nno test accuracy"]
    best = figure.axes[0].lines[2]
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (3, 0.81)


@pytest.mark.parametrize("plot", [plot_losses, plot_accuracies])
def test_missing_histories_and_columns_are_named(plot):
    with pytest.raises(InputError, match="no history"):
        plot({})
    with pytest.raises(InputError, match="history of d = 8 has no column 'train_"):
        plot({8: {"epoch": [0]}})
