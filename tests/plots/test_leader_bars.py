import pytest
from matplotlib.colors import to_hex

from hardmax.errors import InputError
from hardmax.plots import plot_leader_words
from hardmax.plots.style import GREEN, RED

COUNTS = [("good", 5), ("bad_$", 9), ("rare", 1), ("w" * 60, 7)]


def test_leader_words_are_bars_from_the_most_frequent_on():
    ax = plot_leader_words(COUNTS, top=3)
    assert [bar.get_width() for bar in ax.patches] == [9, 7, 5]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["bad_$", "w" * 19 + "…", "good"]
    assert [text.get_text() for text in ax.texts] == ["9", "7", "5"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    ax.figure.draw_without_rendering()


def test_leader_words_take_the_colour_of_their_side():
    ax = plot_leader_words(COUNTS, sides={"good": 2.0, "bad_$": -3.0})
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches]
    assert colours[0] == RED and colours[2] == GREEN and colours[1] == colours[3] not in (RED, GREEN)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["positive", "negative"]


def test_published_counts_stand_beside_and_numbers_do_not_cover_them():
    ax = plot_leader_words(COUNTS, top=3, published={"good": 8, "bad_$": 4, "other": 100})
    (diamonds,) = ax.lines
    assert sorted(zip(diamonds.get_xdata(), diamonds.get_ydata(), strict=True)) == [(4, 0), (8, 2)]
    assert [text.xy[0] for text in ax.texts] == [9, 7, 8]


def test_nothing_to_show_is_refused():
    with pytest.raises(InputError, match="0 words"):
        plot_leader_words([])
    with pytest.raises(InputError, match="show 0"):
        plot_leader_words(COUNTS, top=0)
