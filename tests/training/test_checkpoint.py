"""`Checkpoint`: which weights are kept, and files that are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from hardmax.errors import InputError
from hardmax.network.network import HardmaxNetwork
from hardmax.network.shape import Shape
from hardmax.training.checkpoint import Checkpoint
from hardmax.training.settings import Settings

SETTINGS = Settings().replace(min_count=2, batch_size=100, max_tokens=40, epochs=1)


@pytest.mark.parametrize(("by_validation", "kept"), [(True, [0, 1, 1, 1]), (False, [0, 1, 2, 3])])
def test_the_best_or_the_latest_epoch_is_kept(by_validation: bool, kept: list[int]) -> None:
    network = HardmaxNetwork(3, Shape())
    state = Checkpoint.start(network)
    assert state.kept_epoch == -1
    for epoch, accuracy in enumerate([0.5, 0.7, 0.6, 0.7]):  # of equals the first is the best
        with torch.no_grad():
            network.decoder.bias.fill_(epoch)
        state.record(network, {"epoch": epoch, "valid_acc": accuracy}, by_validation)
        assert state.kept_epoch == kept[epoch] == state.kept["decoder.bias"].item()
        assert state.epochs_without_better() == [0, 0, 1, 2][epoch]


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_off_checkpoint_is_refused_in_one_line(
    fraction: float, tmp_path: Path, trained: Callable
) -> None:
    path = tmp_path / "checkpoint.safetensors"
    trained(SETTINGS, path)
    path.write_bytes(path.read_bytes()[: int(fraction * path.stat().st_size)])
    with pytest.raises(InputError, match=r"checkpoint\.safetensors is not a checkpoint .*cut off") as caught:
        trained(SETTINGS, path, resume=True)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path, trained: Callable) -> None:
    path = tmp_path / "checkpoint.safetensors"
    trained(SETTINGS, path)
    with pytest.raises(InputError, match="not a checkpoint of this network"):
        trained(SETTINGS.replace(dim=3), path, resume=True)


def test_a_missing_checkpoint_is_named(tmp_path: Path, trained: Callable) -> None:
    with pytest.raises(InputError, match=r"there is no checkpoint .*none\.safetensors to resume from"):
        trained(SETTINGS, tmp_path / "none.safetensors", resume=True)
