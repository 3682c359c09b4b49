"""The sample as training runs read it, and training runs that end early on request."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from torch import Tensor

from hardmax.data import sample_reviews
from hardmax.dynamics import Rule
from hardmax.network.network import HardmaxNetwork
from hardmax.text.bags import Bags
from hardmax.training.history import History
from hardmax.training.loop import Outcome, train
from hardmax.training.prepare import Prepared, prepare_reviews
from hardmax.training.settings import Settings


class _Stopped(HardmaxNetwork):
    """A network with which Ctrl-C comes at one of its uses: a step of training, or a batch predicted."""

    uses_left = -1

    def decode(self, points: Tensor, bags: Bags, temperature: float | None = None) -> Tensor:
        self._use()
        return super().decode(points, bags, temperature)

    def rule(self, temperature: float | None = None) -> Rule:
        self._use()
        return super().rule(temperature)

    def _use(self) -> None:
        if self.uses_left == 0:
            raise KeyboardInterrupt
        self.uses_left -= 1


@cache
def _prepared(settings: Settings) -> Prepared:
    return prepare_reviews(sample_reviews("train"), sample_reviews("test"), settings)


def _trained(
    settings: Settings,
    checkpoint: Path | None = None,
    resume: bool = False,
    *,
    fused: bool = True,
    uses: int = -1,
    on_epoch: Callable[[HardmaxNetwork, History], None] = lambda *_: None,
) -> tuple[HardmaxNetwork, Outcome]:
    texts = _prepared(settings)
    network = _Stopped(len(texts.vocabulary), settings.shape, seed=settings.training.seed, fused=fused)
    network.uses_left = uses
    outcome = train(
        network,
        texts.train,
        settings.training,
        valid=texts.valid,
        test=texts.test,
        checkpoint=checkpoint,
        resume=resume,
        on_epoch=lambda history: on_epoch(network, history),
    )
    network.uses_left = -1
    return network, outcome


@pytest.fixture(scope="session")
def prepared() -> Callable[[Settings], Prepared]:
    """Prepare the sample by settings, once for equal ones."""
    return _prepared


@pytest.fixture(scope="session")
def trained() -> Callable[..., tuple[HardmaxNetwork, Outcome]]:
    """Train on the sample by settings; after so many `uses` of the network, or never, comes Ctrl-C."""
    return _trained
