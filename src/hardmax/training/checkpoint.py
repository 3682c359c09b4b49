"""`Checkpoint`: the whole state of a training after an epoch, in one file without code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from hardmax.errors import InputError
from hardmax._support.files import replacing
from hardmax.training.history import History
from hardmax.network.network import SentimentModel

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass
class Checkpoint:
    """Where a training stands.

    Attributes
    ----------
    history : History
        The epochs done.
    kept : dict
        The weights to end with: those of the best epoch or of the last, or the mean over the last.
    kept_epoch : int
        The epoch of these weights, the latest of a mean; -1 for the start.
    """

    history: History
    kept: dict[str, Tensor]
    kept_epoch: int

    @classmethod
    def start(cls, model: SentimentModel) -> Checkpoint:
        """Give the state before the first epoch."""
        return cls(History(), _weights(model), -1)

    def record(
        self,
        model: SentimentModel,
        row: dict[str, float],
        by_validation: bool,
        averaged_from: int | None = None,
    ) -> None:
        """Add an epoch, and keep its weights if it is the best by validation accuracy, or in any case.

        From the epoch `averaged_from` on, the mean of the weights since then is kept.
        """
        self.history.append(row)
        latest = len(self.history) - 1
        if averaged_from is not None and latest > averaged_from:
            seen = latest - averaged_from + 1
            for name, value in _weights(model).items():
                self.kept[name] += (value - self.kept[name]) / seen
            self.kept_epoch = latest
        elif averaged_from is not None or not by_validation or self.best_epoch() == latest:
            self.kept, self.kept_epoch = _weights(model), latest

    def best_epoch(self) -> int:
        """Give the first epoch with the best validation accuracy; -1 before the first."""
        return int(self.history["valid_acc"].argmax()) if len(self.history) else -1

    def save(self, path: Path, model: SentimentModel, optimizer: torch.optim.Optimizer) -> None:
        """Write the state to one safetensors file."""
        tensors = {f"model.{name}": value for name, value in _weights(model).items()}
        tensors |= {f"kept.{name}": value for name, value in self.kept.items()}
        for name, parameter in model.named_parameters():
            moments = optimizer.state.get(parameter, {})
            tensors |= {f"{moment}.{name}": moments[moment] for moment in _MOMENTS if moments}
        about = {"history": json.dumps(self.history.rows), "kept_epoch": str(self.kept_epoch)}
        with replacing(path) as temporary:
            temporary.write_bytes(save({name: t.contiguous() for name, t in tensors.items()}, about))

    @classmethod
    def load(cls, path: Path, model: SentimentModel, optimizer: torch.optim.Optimizer) -> Checkpoint:
        """Read a state, and put `model` and `optimizer` into it.

        Raises
        ------
        InputError
            When there is no such file, it is cut off, or it belongs to another model.
        """
        try:
            with safe_open(path, framework="pt") as file:
                about = file.metadata()
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            history = History()
            for row in json.loads(about["history"]):
                history.append(dict(row))
            kept_epoch = int(about["kept_epoch"])
            model.load_state_dict(_under(tensors, "model"))
            for name, parameter in model.named_parameters():
                if f"step.{name}" in tensors:
                    moments = {moment: tensors[f"{moment}.{name}"] for moment in _MOMENTS}
                    optimizer.state[parameter] = moments
        except FileNotFoundError:
            raise InputError(
                f"there is no checkpoint {path} to resume from; train without resuming"
            ) from None
        except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = str(error).split("\n")[0]
            raise InputError(f"{path} is not a checkpoint of this model, or is cut off ({reason})") from error
        return cls(history, _under(tensors, "kept"), kept_epoch)


def _weights(model: SentimentModel) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _under(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(f"{part}."): value for name, value in tensors.items() if name.startswith(f"{part}.")
    }
