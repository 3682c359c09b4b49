"""Training a network epoch by epoch: the steps, what is measured, and going on after a stop."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from hardmax.errors import InputError
from hardmax.network.line_encoder import deal_by_strength
from hardmax.network.loss import correct, loss_of, score
from hardmax.network.network import HardmaxNetwork
from hardmax.network.predict import logits_of
from hardmax.training.checkpoint import Checkpoint
from hardmax.training.history import History
from hardmax.training.prepare import Examples
from hardmax.training.settings import Training
from hardmax.training.sparse_gradient import SparseGradient

#: A training run through softmax layers measures the hardmax loss every so many epochs, as the paper does.
HARDMAX_LOSS_EVERY = 10


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Keep torch's own operations to one thread inside the block.

    They are small here, the threads that torch keeps waiting for them would take the processors
    from those of the kernels, and sums come out the same bits for any number of threads.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class Outcome:
    """How a training run ended."""

    history: History = field(default_factory=History)  # what was measured in each epoch
    kept_epoch: int = -1  # the epoch whose weights the network now has; -1 for the start
    interrupted: bool = False  # whether the user stopped it before its last epoch


@one_torch_thread()
def train(
    network: HardmaxNetwork,
    examples: Examples,
    training: Training,
    *,
    valid: Examples | None = None,
    test: Examples | None = None,
    checkpoint: Path | None = None,
    identity: str = "",
    resume: bool = False,
    progress: bool = False,
    on_epoch: Callable[[History], None] | None = None,
) -> Outcome:
    """Train `network` in place on `examples`; it ends with the weights of one epoch.

    Parameters
    ----------
    network : HardmaxNetwork
        At its start, or in any state when resuming.
    examples, valid, test : Examples
        The texts to learn from; those that choose the best epoch by accuracy, without which the last epoch is
        kept; and those measured alongside, which choose nothing.
    training : Training
        The settings.
    checkpoint, identity : Path, str, optional
        File that holds the whole state after every epoch, and what the run is of, which it holds too.
    resume : bool
        Go on from `checkpoint`; the result has the bits of a training run never interrupted.
    progress : bool
        Show a bar.
    on_epoch : callable, optional
        Called with the history after every epoch.

    Returns
    -------
    Outcome
        Ctrl-C ends the training early, with the weights of an epoch that was finished.

    Raises
    ------
    InputError
        When there is a patience and no `valid`, `checkpoint` is of another network or run, or weights are no
        longer finite.
    """
    if training.patience and valid is None:
        raise InputError(f"patience is {training.patience}, but there are no texts to validate on; give some")
    run, interrupted = _Run(network, examples, training, valid, test), False
    state = Checkpoint.start(network, identity)
    if resume and checkpoint is not None:
        state = Checkpoint.load(checkpoint, network, run.optimizer, identity)
    try:
        if checkpoint is not None and not resume:
            state.save(checkpoint, network, run.optimizer)
        run.go_on(state, checkpoint, progress, on_epoch)
    except KeyboardInterrupt:
        interrupted = True
    network.load_state_dict(state.kept)
    return Outcome(state.history, state.kept_epoch, interrupted)


@dataclass
class _Run:
    """A network in training: its texts, its settings, its optimizer."""

    network: HardmaxNetwork
    examples: Examples
    training: Training
    valid: Examples | None
    test: Examples | None

    def __post_init__(self) -> None:
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), lr=self.training.learning_rate, fused=True
        )
        self.batch_size = self.training.batch_of(len(self.examples))
        self.steps = math.ceil(len(self.examples) / self.batch_size)
        self.frequencies = self.examples.bags.frequencies(len(self.network.encoder.weight))

    def go_on(
        self,
        state: Checkpoint,
        checkpoint: Path | None,
        progress: bool,
        on_epoch: Callable[[History], None] | None,
    ) -> None:
        """Train epoch by epoch from where `state` stands."""
        training, done = self.training, len(state.history)
        with tqdm(
            total=training.epochs * self.steps, initial=done * self.steps, disable=not progress, unit="step"
        ) as bar:
            for epoch in range(done, training.epochs):
                if training.patience and state.epochs_without_better() >= training.patience:
                    break
                bar.set_description(f"epoch {epoch + 1}/{training.epochs}")
                row = self.epoch(epoch, bar) | self.measure(epoch)
                state.record(self.network, row, by_validation=self.valid is not None)
                if checkpoint is not None:
                    state.save(checkpoint, self.network, self.optimizer)
                if on_epoch is not None:
                    on_epoch(state.history)
                bar.set_postfix_str(_summary(row))

    def measures_hardmax(self, epoch: int) -> bool:
        """Return whether the loss with hardmax layers in place of softmax is measured in this epoch."""
        return self.network.attention.temperature > 0 and epoch % HARDMAX_LOSS_EVERY == 0

    def epoch(self, epoch: int, bar: "tqdm[None]") -> dict[str, float]:
        """Go through the examples once; return the means over the batches as they were met."""
        began = time.perf_counter()
        network, training = self.network, self.training
        # A generator of its own for each epoch: going on at epoch 7 needs no memory of epochs 0 to 6.
        rng = np.random.default_rng([training.seed, epoch])
        with_hardmax = self.measures_hardmax(epoch)
        if network.on_lines and epoch > 0:
            deal_by_strength(network.encoder.weight, self.frequencies)
        losses, hardmax_losses, right = 0.0, 0.0, 0
        gradient = SparseGradient(network)
        network.train()
        for step, batch in enumerate(self.examples.shuffled(self.batch_size, rng)):
            bags = batch.bags
            if training.word_dropout > 0:
                bags = bags.drop_tokens(training.word_dropout, rng)
            self.set_learning_rate((epoch * self.steps + step) / (training.epochs * self.steps))
            points = gradient.points(bags)
            if with_hardmax:
                found = network.decode(points.detach(), bags, temperature=0.0).detach()
                hardmax_losses += float(loss_of(found, batch.labels, batch.importance)) * len(batch)
            found = network.decode(points, bags)
            loss = loss_of(found, batch.labels, batch.importance)
            loss.backward()  # type: ignore[no-untyped-call]
            gradient.collect(points, bags, training.clip)
            self.optimizer.step()
            gradient.clear()
            network.attention.keep_alpha_above(training.alpha_floor)
            losses += loss.item() * len(batch)
            right += correct(found, batch.labels)
            bar.update()
        if not all(bool(parameter.isfinite().all()) for parameter in network.parameters()):
            raise InputError(
                f"the weights went out of range in epoch {epoch + 1}; give a learning_rate smaller than "
                f"{training.learning_rate}, or a smaller alpha or temperature"
            )
        texts = len(self.examples)
        return {
            "epoch": epoch,
            "train_loss": losses / texts,
            "train_loss_hm": hardmax_losses / texts if with_hardmax else math.nan,
            "train_acc": right / texts,
            "alpha": network.attention.alpha.item(),
            "seconds": time.perf_counter() - began,
        }

    def set_learning_rate(self, fraction: float) -> None:
        """Set the learning rate for a step, when this fraction of all steps is done."""
        rate = self.training.learning_rate
        if self.training.schedule == "cosine":
            rate *= 0.5 * (1 + math.cos(math.pi * fraction))
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def measure(self, epoch: int) -> dict[str, float]:
        """Return loss and accuracy on the texts that are measured alongside."""
        row = {}
        for name, split in (("valid", self.valid), ("test", self.test)):
            if split is not None:
                found = logits_of(self.network, split.bags)
                row[f"{name}_loss"], row[f"{name}_acc"] = score(found, split.labels)
        if self.test is not None and self.measures_hardmax(epoch):
            found = logits_of(self.network, self.test.bags, temperature=0.0)
            row["test_loss_hm"], _ = score(found, self.test.labels)
        return row


def _summary(row: dict[str, float]) -> str:
    names = {"train_loss": "loss", "train_acc": "train", "valid_acc": "valid", "test_acc": "test"}
    return ", ".join(f"{names.get(name, name)} {row[name]:.3f}" for name in (*names, "alpha") if name in row)
