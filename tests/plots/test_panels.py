import numpy as np
import pytest

from hardmax.dynamics import Hardmax, preset, simulate
from hardmax.errors import InputError
from hardmax.plots import plot_dynamics


def test_figure_2_has_a_panel_for_each_preset_and_layer(corners):
    names = ("triangle", "emerging", "square", "faces")
    rows = {name: simulate(preset(name), Hardmax(alpha=0.5), layers=30) for name in names}
    figure = plot_dynamics(rows)
    assert len(figure.axes) == 20
    np.testing.assert_allclose([ax.get_xlim() for ax in figure.axes], np.tile([-1.2, 1.2], (20, 1)))
    assert [ax.get_title() for ax in figure.axes[:5]] == ["K = 0", "K = 1", "K = 2", "K = 5", "K = 30"]
    polygons = [len(ax.patches) for ax in figure.axes]
    assert polygons == [0, 0, 0, 0, 1] * 4
    polygon = figure.axes[14].patches[0].get_xy()
    assert {tuple(corner) for corner in polygon} == {tuple(corner) for corner in corners}


@pytest.mark.parametrize(
    ("layers", "columns"),
    [(0, [0]), (1, [0, 1]), (5, [0, 1, 2, 5]), (12, [0, 1, 2, 5, 12]), (40, [0, 1, 2, 5, 30, 40])],
)
def test_by_default_the_columns_suit_the_trajectory(layers, columns, corners):
    figure = plot_dynamics({"square": simulate(corners, Hardmax(alpha=0.5), layers=layers)})
    assert [ax.get_title() for ax in figure.axes] == [f"K = {layer}" for layer in columns]


def test_by_default_the_columns_are_layers_that_all_trajectories_have(corners):
    rows = {f"{layers} layers": simulate(corners, Hardmax(alpha=0.5), layers=layers) for layers in (5, 2, 30)}
    figure = plot_dynamics(rows)
    assert [ax.get_title() for ax in figure.axes[:3]] == ["K = 0", "K = 1", "K = 2"]
    assert len(figure.axes) == 9


def test_a_trajectory_without_a_layer_asked_for_is_named(corners):
    with pytest.raises(InputError, match="'short' has no layer 5; give layers from 0 to 2"):
        plot_dynamics({"short": simulate(corners, Hardmax(alpha=0.5), layers=2)}, layers=[0, 5])


def test_nothing_to_draw_is_refused(corners):
    with pytest.raises(InputError, match="nothing to draw"):
        plot_dynamics({})
    with pytest.raises(InputError, match="nothing to draw"):
        plot_dynamics({"square": simulate(corners, Hardmax(alpha=0.5), layers=2)}, layers=[])
