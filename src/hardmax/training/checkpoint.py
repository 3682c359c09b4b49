"""`Checkpoint`: the whole state of a training run after an epoch, in one file without code."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from hardmax._support.files import replacing
from hardmax.errors import InputError
from hardmax.network.network import HardmaxNetwork
from hardmax.network.weights import read_tensors
from hardmax.training.history import History

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass
class Checkpoint:
    """Where a training run stands."""

    history: History  # the epochs done
    kept: dict[str, Tensor]  # the weights to end with: those of the best epoch or of the last
    kept_epoch: int  # the epoch of these weights; -1 for the start
    identity: str = ""  # what the training run is of: settings and texts

    @classmethod
    def start(cls, network: HardmaxNetwork, identity: str = "") -> "Checkpoint":
        """Return the state before the first epoch."""
        return cls(History(), _weights(network), -1, identity)

    def record(self, network: HardmaxNetwork, row: dict[str, float], by_validation: bool) -> None:
        """Add an epoch; keep its weights if it is the best by validation accuracy, or without validation."""
        self.history.append(row)
        if not by_validation or self.epochs_without_better() == 0:
            self.kept, self.kept_epoch = _weights(network), len(self.history) - 1

    def epochs_without_better(self) -> int:
        """Return how many epochs have passed since the one with the best validation accuracy."""
        accuracies = self.history["valid_acc"]
        return len(accuracies) - 1 - int(accuracies.argmax()) if len(accuracies) else 0

    def save(self, path: Path, network: HardmaxNetwork, optimizer: torch.optim.Optimizer) -> None:
        """Write the state to one safetensors file."""
        tensors = {f"model.{name}": value for name, value in _weights(network).items()}
        tensors |= {f"kept.{name}": value for name, value in self.kept.items()}
        for name, parameter in network.named_parameters():
            moments = optimizer.state.get(parameter, {})
            tensors |= {f"{moment}.{name}": moments[moment] for moment in _MOMENTS if moments}
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        about = {
            "history": json.dumps(self.history.rows),
            "kept_epoch": str(self.kept_epoch),
            "identity": self.identity,
        }
        with replacing(path) as temporary:
            temporary.write_bytes(save(tensors, about | {"checksum": _checksum(tensors, about)}))

    @classmethod
    def load(
        cls, path: Path, network: HardmaxNetwork, optimizer: torch.optim.Optimizer, identity: str = ""
    ) -> "Checkpoint":
        """Read a state, and put `network` and `optimizer` into it.

        Raises
        ------
        InputError
            When there is no such file, it is cut off or changed, or it belongs to another network or, by its
            `identity`, to another training run.
        """
        if not path.exists():
            raise InputError(f"there is no checkpoint {path} to resume from; train without resuming")
        weights, parameters = network.state_dict(), dict[str, Tensor](network.named_parameters())
        like = {f"{part}.{name}": value for part in ("model", "kept") for name, value in weights.items()}
        moments = {
            f"{moment}.{name}": torch.zeros(()) if moment == "step" else value
            for moment in _MOMENTS
            for name, value in parameters.items()
        }
        try:
            tensors, about = read_tensors(path, like, optional=moments)
            if about.pop("checksum") != _checksum(tensors, about):
                raise ValueError("its bytes were changed")
            history = History()
            for row in json.loads(about["history"]):
                history.append(row)
            kept_epoch, begun = int(about["kept_epoch"]), about["identity"]
            if list(history["epoch"]) != list(range(len(history))) or not -1 <= kept_epoch < len(history):
                raise ValueError(f"it keeps epoch {kept_epoch} of {len(history)}")
            states = {
                parameter: {moment: tensors[f"{moment}.{name}"] for moment in _MOMENTS}
                for name, parameter in parameters.items()
                if any(f"{moment}.{name}" in tensors for moment in _MOMENTS)
            }
        except Exception as error:  # safetensors and JSON, and what they hold, each fail in their own ways
            raise InputError(
                f"{path} is not a checkpoint of this network, or is cut off ({error})"
            ) from error
        if begun != identity:
            raise InputError(
                f"{path} is of other settings or texts; resume with those, or train in another folder"
            )
        network.load_state_dict(_under(tensors, "model"))
        optimizer.state.update(states)
        return cls(history, _under(tensors, "kept"), kept_epoch, identity)


def _checksum(tensors: dict[str, Tensor], about: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode() + tensor.numpy().tobytes())
    return digest.hexdigest()


def _weights(network: HardmaxNetwork) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def _under(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(f"{part}."): value for name, value in tensors.items() if name.startswith(f"{part}.")
    }
