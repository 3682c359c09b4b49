import numpy as np
import pytest
from matplotlib.text import Annotation

from hardmax.dynamics import Hardmax, simulate
from hardmax.plots import plot_tokens


def shown_words(ax):
    return [text for text in ax.texts if isinstance(text, Annotation) and text.get_visible()]


def test_words_of_leaders_are_shown_with_dollars_as_they_are(corners):
    words = ["$x_1", "b_c", "кино", "w" * 60, "follower"]
    ax = plot_tokens(simulate([*corners, [0.3, 0.2]], Hardmax(alpha=0.5), layers=1), words=words)
    ax.figure.draw_without_rendering()
    assert {text.get_text() for text in shown_words(ax)} == {"$x_1", "b_c", "кино", "w" * 19 + "…"}


@pytest.mark.parametrize("seed", range(3))
def test_words_do_not_overlap(seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 25))
    trajectory = simulate(np.c_[np.cos(angles), np.sin(angles)], Hardmax(alpha=0.5), layers=0)
    words = ["".join(rng.choice(list("abcdefg"), rng.integers(2, 12))) for _ in angles]
    ax = plot_tokens(trajectory, words=words)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in shown_words(ax)]
    assert len(boxes) == 25
    stars = ax.transData.transform(trajectory.positions[0])
    for i, box in enumerate(boxes):
        assert ax.bbox.x0 <= box.x0 and box.x1 <= ax.bbox.x1 and ax.bbox.y0 <= box.y0 and box.y1 <= ax.bbox.y1
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert not any(box.contains(*star) for star in stars)


def test_words_stay_where_they_are_from_layer_to_layer(circle):
    tokens = circle(12, inner=60)
    trajectory = simulate(tokens, Hardmax(alpha=0.5), layers=6)
    words = [f"word{i}" for i in range(len(tokens))]
    places = [
        {
            text.get_text(): text.xyann
            for text in shown_words(plot_tokens(trajectory, layer, words=words, mean=False))
        }
        for layer in range(7)
    ]
    assert all(later == places[0] for later in places[1:])


def test_a_line_to_a_word_ends_before_the_word(circle):
    trajectory = simulate(circle(40), Hardmax(alpha=0.5), layers=0)
    ax = plot_tokens(trajectory, words=[f"a long word {i}" for i in range(trajectory.n)])
    ax.figure.draw_without_rendering()
    pixels = ax.figure.dpi / 72
    ends = [
        ax.transData.transform(leader) + pixels * line.vertices[1]
        for lines in ax.collections
        for leader, line in zip(lines.get_offsets(), lines.get_paths(), strict=False)
        if len(line.vertices) == 2 and line.vertices[1].any()
    ]
    assert len(ends) > 3
    boxes = [text.get_window_extent() for text in shown_words(ax)]
    assert not any(box.contains(*end) for box in boxes for end in ends)


def test_a_leader_outside_the_axes_has_no_word(corners):
    trajectory = simulate(corners, Hardmax(alpha=0.5), layers=0)
    ax = plot_tokens(trajectory, words=list("abcd"), limits=((0, 2), (0, 2)))
    assert [text.get_text() for text in shown_words(ax)] == ["a"]
