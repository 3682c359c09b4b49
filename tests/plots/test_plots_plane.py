from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from hardmax.dynamics import Hardmax, Softmax, preset, simulate
from hardmax.errors import InputError
from hardmax.plots import palette, plot_dynamics, plot_tokens
from hardmax.plots.following import Following
from hardmax.plots.plane import square_axes
from hardmax.plots.scene import Scene

CORNERS = [[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 1.0]]
DECODER = ([1.0, 2.0], 0.5)


def circle(m, inner=0):
    angles = np.linspace(0, 2 * np.pi, m, endpoint=False) + 0.1
    return np.vstack(
        [np.c_[np.cos(angles), np.sin(angles)], np.random.default_rng(0).normal(size=(inner, 2)) * 0.2]
    )


def scene_of(trajectory, layer=-1, **options):
    layer %= trajectory.layers + 1
    scene = Scene(square_axes(), trajectory, layer, **options)
    scene.show(layer)
    return scene


def shown_words(ax):
    return [text for text in ax.texts if isinstance(text, Annotation) and text.get_visible()]


def rgb(colours):
    return np.asarray(colours)[:, :3]


def test_leaders_are_stars_and_followers_have_their_colour():
    tokens = [*CORNERS, [0.3, 0.2], [-0.2, 0.4]]
    scene = scene_of(simulate(tokens, Hardmax(alpha=0.5), layers=1), 0)
    np.testing.assert_array_equal(scene.stars.get_offsets(), CORNERS)
    np.testing.assert_array_equal(scene.tokens.get_offsets(), tokens[4:])
    np.testing.assert_allclose(rgb(scene.stars.get_facecolor()), palette(4))
    np.testing.assert_allclose(rgb(scene.tokens.get_facecolor()), palette(4)[[0, 3]])
    assert len(scene.rings.get_offsets()) == 0


def test_a_followed_token_that_is_no_leader_has_a_ring_in_the_colour_of_its_followers():
    scene = scene_of(simulate(preset("emerging"), Hardmax(alpha=0.5), layers=2), 0)
    np.testing.assert_allclose(scene.rings.get_offsets(), [[0.0, 0.25]])
    follower = np.flatnonzero((scene.tokens.get_offsets() == [-1 / 12, 1 / 12]).all(axis=1))[0]
    np.testing.assert_allclose(
        rgb(scene.rings.get_edgecolor())[0], rgb(scene.tokens.get_facecolor())[follower]
    )


def test_a_leader_keeps_its_colour_over_the_layers():
    trajectory = simulate(preset("emerging"), Hardmax(alpha=0.5), layers=4)
    colours = []
    for layer in range(5):
        scene = scene_of(trajectory, layer)
        places = np.asarray(scene.stars.get_offsets())
        colours.append({tuple(p): tuple(c) for p, c in zip(places, scene.stars.get_facecolor(), strict=True)})
    for earlier, later in pairwise(colours):
        assert earlier.items() <= later.items()
    assert len(colours[0]) == 2 and len(colours[4]) == 3


def test_a_leader_keeps_its_name_when_another_token_reaches_its_place():
    # Token 0 reaches token 1 to the last bit and then is the first one there. Under the hardmax it would be
    # settled, and still follow token 1.
    trajectory = simulate([[0.5, 0.4], *CORNERS], Softmax(alpha=50.0, temperature=1e-9), layers=15)
    assert trajectory.follows(0)[0] == 1 and trajectory.follows(15)[0] == 0
    following = Following.of(trajectory, 15)
    assert (following.follows[:, 0] == 1).all()
    assert following.leaders[0].tolist() == following.leaders[15].tolist() == [1, 2, 3, 4]


def test_more_leaders_than_basic_colours_get_colours_of_their_own():
    scene = scene_of(simulate(circle(40), Hardmax(alpha=0.5), layers=0))
    assert len(np.unique(scene.stars.get_facecolor(), axis=0)) == 40


def test_the_mean_counts_the_weights():
    weights = np.array([1.0, 3.0])
    trajectory = simulate([[1.0, 0.0], [-1.0, 0.0]], Hardmax(alpha=0.5), layers=0, weights=weights)
    np.testing.assert_allclose(scene_of(trajectory).mean.get_offsets(), [[-0.5, 0.0]])
    assert scene_of(trajectory, mean=False).mean is None


def test_words_of_leaders_are_shown_with_dollars_as_they_are():
    words = ["$x_1", "b_c", "кино", "w" * 60, "follower"]
    ax = plot_tokens(simulate([*CORNERS, [0.3, 0.2]], Hardmax(alpha=0.5), layers=1), words=words)
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


def test_words_stay_where_they_are_from_layer_to_layer():
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


def test_the_decoder_shades_its_sides_and_names_the_review():
    trajectory = simulate(CORNERS, Hardmax(alpha=0.5), layers=3)
    ax = plot_tokens(trajectory, 3, decoder=DECODER)
    shade = ax.images[0].get_array()
    assert shade[0, 0] < -0.9 and shade[-1, -1] > 0.9
    assert ax.get_title() == "Positive review (K = 3)"
    line = ax.lines[0]
    assert line.get_linestyle() == "--"
    for x, y in (line.get_xy1(), line.get_xy2()):
        assert x + 2 * y + 0.5 == pytest.approx(0)
    assert plot_tokens(trajectory, 1, decoder=([1.0, 2.0], -0.5)).get_title() == "Negative review (K = 1)"
    assert plot_tokens(trajectory, 1, title="$5").get_title() == "$5 (K = 1)"
    assert plot_tokens(trajectory, 0).get_title() == "K = 0"


def test_shading_can_be_left_out():
    ax = plot_tokens(simulate(CORNERS, Hardmax(alpha=0.5), layers=0), decoder=DECODER, shading=False)
    assert not ax.images and len(ax.lines) == 1


def test_trails_have_the_colour_of_whom_was_followed():
    scene = scene_of(
        simulate([[1.0, 0.0], [-1.0, 0.0], [0.2, 0.1]], Hardmax(alpha=1.0), layers=2), trails=True
    )
    (path,) = scene.trails.get_paths()
    np.testing.assert_allclose(path.vertices, [[0.2, 0.1], [0.6, 0.05], [0.6, 0.05], [0.8, 0.025]])
    np.testing.assert_allclose(rgb(scene.trails.get_edgecolor()), palette(1))


def test_start_white_takes_on_the_colour_layer_by_layer():
    trajectory = simulate(CORNERS, Hardmax(alpha=0.5), layers=2)
    first, half, last = (
        rgb(scene_of(trajectory, k, start_white=True).stars.get_facecolor()) for k in range(3)
    )
    np.testing.assert_array_equal(first, np.ones((4, 3)))
    np.testing.assert_allclose(half, (1 + palette(4)) / 2)
    np.testing.assert_allclose(last, palette(4))


@pytest.mark.parametrize("scale", [1e6, 1e-6, 1e300])
def test_tokens_of_any_size_fill_the_axes(scale):
    ax = plot_tokens(
        simulate(scale * np.array(CORNERS), Hardmax(alpha=0.5), layers=0), words=list("abcd"), limits=None
    )
    ax.figure.draw_without_rendering()
    np.testing.assert_allclose(ax.get_xlim(), [-1.2 * scale, 1.2 * scale])


@pytest.mark.parametrize("tokens", [[[0.0, 0.0]], [[0.3, 0.4]], [[5.0, 5.0]] * 20])
def test_tokens_at_one_point_can_be_drawn(tokens):
    ax = plot_tokens(
        simulate(tokens, Hardmax(alpha=0.5), layers=0), words=["w"] * len(tokens), decoder=DECODER
    )
    ax.figure.draw_without_rendering()
    stars = [
        c
        for c in ax.collections
        if isinstance(c, PathCollection) and len(c.get_offsets()) and c.zorder == 3.3
    ]
    assert len(stars[0].get_offsets()) == 1


def test_drawing_on_given_axes_returns_them():
    ax = Figure(layout="constrained").add_subplot()
    trajectory = simulate(CORNERS, Hardmax(alpha=0.5), layers=0)
    assert plot_tokens(trajectory, ax=ax, words=list("abcd"), limits=((0, 2), (0, 2))) is ax
    assert ax.get_xlim() == (0, 2)


@pytest.mark.parametrize(
    ("tokens", "options", "says"),
    [
        (np.zeros((2, 3)), {}, "dimension 3"),
        (np.zeros((2, 1)), {}, "dimension 1"),
        (np.zeros((0, 2)), {}, "no tokens"),
        (CORNERS, {"layer": 2}, "no layer 2"),
        (CORNERS, {"layer": -3}, "no layer -3"),
        (CORNERS, {"words": ["one"]}, "1 words for 4 tokens"),
        (CORNERS, {"decoder": ([1.0, 2.0, 3.0], 0.0)}, "two finite numbers"),
        (CORNERS, {"decoder": ([1.0, np.nan], 0.0)}, "two finite numbers"),
    ],
)
def test_bad_input_is_said_in_one_line(tokens, options, says):
    with pytest.raises(InputError, match=says) as caught:
        plot_tokens(simulate(tokens, Hardmax(alpha=0.5), layers=1), **options)
    assert "\n" not in str(caught.value)


def test_figure_2_has_a_panel_for_each_preset_and_layer():
    names = ("triangle", "emerging", "square", "faces")
    rows = {name: simulate(preset(name), Hardmax(alpha=0.5), layers=30) for name in names}
    figure = plot_dynamics(rows)
    assert len(figure.axes) == 20
    np.testing.assert_allclose([ax.get_xlim() for ax in figure.axes], np.tile([-1.2, 1.2], (20, 1)))
    assert [ax.get_title() for ax in figure.axes[:5]] == ["K = 0", "K = 1", "K = 2", "K = 5", "K = 30"]
    polygons = [len(ax.patches) for ax in figure.axes]
    assert polygons == [0, 0, 0, 0, 1] * 4
    corners = figure.axes[14].patches[0].get_xy()
    assert {tuple(corner) for corner in corners} == {tuple(corner) for corner in CORNERS}


def test_figure_2_names_the_trajectory_that_is_too_short():
    with pytest.raises(InputError, match="'short' has no layer 5; give layers from 0 to 2"):
        plot_dynamics({"short": simulate(CORNERS, Hardmax(alpha=0.5), layers=2)})
    with pytest.raises(InputError, match="nothing to draw"):
        plot_dynamics({})


def test_palette_starts_alike_and_never_ends():
    assert (palette(200)[:7] == palette(7)).all()
    assert len(np.unique(palette(90), axis=0)) == 90
    assert tuple(palette(1)[0]) == to_rgb("#0072b2")
