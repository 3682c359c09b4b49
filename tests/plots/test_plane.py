from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from hardmax.dynamics import Hardmax, preset, simulate
from hardmax.errors import InputError
from hardmax.plots import animate_tokens, palette, plot_dynamics, plot_tokens
from hardmax.plots.plane import square_axes
from hardmax.plots.scene import Scene

PAIR = [[1.0, 0.0], [-1.0, 0.0]]
DECODER = ([1.0, 2.0], 0.5)


def scene_of(trajectory, layer=-1, **options):
    layer %= trajectory.layers + 1
    scene = Scene(square_axes(), trajectory, layer, **options)
    scene.show(layer)
    return scene


def rgb(colours):
    return np.asarray(colours)[:, :3]


def test_leaders_are_stars_and_followers_have_their_colour(corners):
    tokens = [*corners, [0.3, 0.2], [-0.2, 0.4]]
    scene = scene_of(simulate(tokens, Hardmax(alpha=0.5), layers=1), 0)
    np.testing.assert_array_equal(scene.stars.get_offsets(), corners)
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


def test_more_leaders_than_basic_colours_get_colours_of_their_own(circle):
    scene = scene_of(simulate(circle(40), Hardmax(alpha=0.5), layers=0))
    assert len(np.unique(scene.stars.get_facecolor(), axis=0)) == 40


def test_the_mean_counts_the_weights():
    weights = np.array([1.0, 3.0])
    trajectory = simulate(PAIR, Hardmax(alpha=0.5), layers=0, weights=weights)
    mean = scene_of(trajectory).mean
    np.testing.assert_allclose(mean.get_offsets(), [[-0.5, 0.0]])
    assert mean.get_visible() and not scene_of(trajectory, mean=False).mean.get_visible()


def test_the_decoder_shades_its_sides_and_names_the_review(corners):
    trajectory = simulate(corners, Hardmax(alpha=0.5), layers=3)
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


def test_shading_can_be_left_out(corners):
    ax = plot_tokens(simulate(corners, Hardmax(alpha=0.5), layers=0), decoder=DECODER, shading=False)
    assert not ax.images and len(ax.lines) == 1


def test_trails_have_the_colour_of_whom_was_followed():
    scene = scene_of(
        simulate([[1.0, 0.0], [-1.0, 0.0], [0.2, 0.1]], Hardmax(alpha=1.0), layers=2), trails=True
    )
    (trail,) = scene.trails.get_paths()
    np.testing.assert_allclose(trail.vertices, [[0.2, 0.1], [0.6, 0.05], [0.6, 0.05], [0.8, 0.025]])
    np.testing.assert_allclose(rgb(scene.trails.get_edgecolor()), palette(1))


def test_start_white_takes_on_the_colour_layer_by_layer(corners):
    trajectory = simulate(corners, Hardmax(alpha=0.5), layers=2)
    first, half, last = (
        rgb(scene_of(trajectory, k, start_white=True).stars.get_facecolor()) for k in range(3)
    )
    np.testing.assert_array_equal(first, np.ones((4, 3)))
    np.testing.assert_allclose(half, (1 + palette(4)) / 2)
    np.testing.assert_allclose(last, palette(4))


@pytest.mark.parametrize("scale", [1e6, 1e-6, 1e300])
def test_tokens_of_any_size_fill_the_axes(corners, scale):
    ax = plot_tokens(simulate(scale * np.array(corners), Hardmax(alpha=0.5), layers=0), words=list("abcd"))
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


def test_drawing_on_given_axes_returns_them(corners):
    ax = Figure(layout="constrained").add_subplot()
    trajectory = simulate(corners, Hardmax(alpha=0.5), layers=0)
    assert plot_tokens(trajectory, ax=ax, words=list("abcd"), limits=((0, 2), (0, 2))) is ax
    assert ax.get_xlim() == (0, 2)


@pytest.mark.parametrize(
    ("tokens", "options", "says"),
    [
        (np.zeros((2, 3)), {}, "dimension 3"),
        (np.zeros((2, 1)), {}, "dimension 1"),
        (np.zeros((0, 2)), {}, "no tokens"),
        (PAIR, {"layer": 2}, "no layer 2"),
        (PAIR, {"layer": -3}, "no layer -3"),
        (PAIR, {"words": ["one"]}, "1 words for 2 tokens"),
        (PAIR, {"decoder": ([1.0, 2.0, 3.0], 0.0)}, "two finite numbers"),
        (PAIR, {"decoder": ([1.0, np.nan], 0.0)}, "two finite numbers"),
    ],
)
def test_bad_input_is_said_in_one_line(tokens, options, says):
    with pytest.raises(InputError, match=says) as caught:
        plot_tokens(simulate(tokens, Hardmax(alpha=0.5), layers=1), **options)
    assert "\n" not in str(caught.value)


def test_an_unknown_option_is_named_beside_the_known_ones():
    with pytest.raises(TypeError, match=r"no drawing option 'trail'; the options are words, .*, trails"):
        plot_tokens(simulate(PAIR, layers=1), trail=True)


def test_drawing_does_not_write_into_the_trajectory(circle, tmp_path):
    trajectory = simulate(circle(6, inner=20), Hardmax(alpha=0.5), layers=3)
    trajectory.positions.flags.writeable = False
    words = [f"word{i}" for i in range(trajectory.n)]
    animate_tokens(trajectory, tmp_path / "a.gif", words=words, decoder=DECODER, trails=True)
    plot_dynamics({"circle": trajectory})
