"""Training a model epoch by epoch: the loss, the steps, what is measured, and going on after a stop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from hardmax.errors import InputError
from hardmax.training.checkpoint import Checkpoint
from hardmax.text.bags import Corpus
from hardmax.training.sparse_gradient import Gradient
from hardmax.training.history import History
from hardmax.network.line_encoder import deal_by_strength
from hardmax.network.network import SentimentModel
from hardmax.training.settings import Settings

#: A training through softmax layers measures the hardmax loss every so many epochs, as the paper does.
HARDMAX_LOSS_EVERY = 10
#: A temperature that falls to 0 goes to this share of its start, and then is 0.
_COOLED = 1e-3


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Attributes
    ----------
    history : History
        What was measured in each epoch.
    kept_epoch : int
        The epoch whose weights the model now has; -1 for the start.
    interrupted : bool
        Whether the user stopped it before its last epoch.
    """

    history: History
    kept_epoch: int
    interrupted: bool


@one_torch_thread()
def train(
    model: SentimentModel,
    settings: Settings,
    corpus: Corpus,
    valid: Corpus | None = None,
    test: Corpus | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: bool = False,
    on_epoch: Callable[[History], None] | None = None,
) -> Outcome:
    """Train `model` in place on `corpus`; it ends with the weights of one epoch, or the mean of several.

    Parameters
    ----------
    model : SentimentModel
        At its start, or anything when resuming.
    settings : Settings
        Everything from `epochs` to `seed` is used.
    corpus, valid, test : Corpus
        The texts to learn from; those that choose the best epoch by accuracy, without which the last
        epoch is kept; and those measured alongside, which choose nothing.
    checkpoint : Path, optional
        File that holds the whole state after every epoch.
    resume : bool
        Go on from `checkpoint`; the result has the bits of a training never interrupted.
    progress : bool
        Show a bar.
    on_epoch : callable, optional
        Called with the history after every epoch.

    Returns
    -------
    Outcome
        Ctrl-C ends the training early, with the weights of an epoch that was finished. Where weights are
        averaged, what the last row says of `valid` and `test` is measured with their mean.

    Raises
    ------
    InputError
        When `settings` has a patience and there is no `valid`, `checkpoint` is none of this model, or
        weights are no longer finite.
    """
    if settings.patience and valid is None:
        raise InputError(f"patience is {settings.patience}, but there are no texts to validate on; give some")
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True)
    steps = math.ceil(len(corpus) / settings.batch_of(len(corpus)))
    state = Checkpoint.start(model)
    if resume and checkpoint is not None:
        state = Checkpoint.load(checkpoint, model, optimizer)
    elif checkpoint is not None:
        state.save(checkpoint, model, optimizer)
    interrupted = False
    first = len(state.history)
    bar = tqdm(total=settings.epochs * steps, initial=first * steps, disable=not progress, unit="step")
    try:
        for epoch in range(first, settings.epochs):
            if _has_enough(state, settings):
                break
            bar.set_description(f"epoch {epoch + 1}/{settings.epochs}")
            row = _train_epoch(model, optimizer, corpus, settings, epoch, bar)
            if not all(bool(parameter.isfinite().all()) for parameter in model.parameters()):
                raise InputError(
                    f"the weights went out of range in epoch {epoch + 1}; give a learning_rate smaller than "
                    f"{settings.learning_rate}, or a smaller alpha, temperature or weight_decay"
                )
            row |= _measured(model, settings, valid, test, epoch)
            state.record(model, row, valid is not None, averaged_from=_first_averaged(settings))
            if checkpoint is not None:
                state.save(checkpoint, model, optimizer)
            if on_epoch is not None:
                on_epoch(state.history)
            bar.set_postfix_str(_summary(row))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        bar.close()
        model.attention.temperature = 0.0 if settings.cooling else settings.temperature
    model.load_state_dict(state.kept)
    if settings.averaging and len(state.history):
        if model.on_lines:  # a mean of weights is between lines
            deal_by_strength(model.encoder.weight, corpus.said(len(model.encoder.weight)))
        if not interrupted:
            state.history.rows[-1] |= _measured(model, settings, valid, test, state.kept_epoch)
            state.history.rows[-1]["alpha"] = model.attention.alpha.item()
    return Outcome(state.history, state.kept_epoch, interrupted)


def _train_epoch(
    model: SentimentModel,
    optimizer: torch.optim.Adam,
    corpus: Corpus,
    settings: Settings,
    epoch: int,
    bar: tqdm[None],
) -> dict[str, float]:
    """Go through the corpus once; give the means over its batches as they were met."""
    began = time.perf_counter()
    # A generator of its own for each epoch: going on at epoch 7 needs no memory of epochs 0 to 6.
    rng = np.random.default_rng([settings.seed, epoch])
    size = settings.batch_of(len(corpus))
    steps = math.ceil(len(corpus) / size)
    with_hardmax = settings.temperature > 0 and epoch % HARDMAX_LOSS_EVERY == 0
    if model.on_lines and epoch > 0:
        deal_by_strength(model.encoder.weight, corpus.said(len(model.encoder.weight)))
    losses, hardmax_losses, right, seen = 0.0, 0.0, 0, 0
    gradient = Gradient(model)
    model.train()
    for step, batch in enumerate(corpus.batches(size, rng)):
        if settings.word_dropout > 0:
            batch = batch.drop_words(settings.word_dropout, rng)
        if with_hardmax:
            hardmax_losses += hardmax_loss(model, batch) * len(batch)
        share_done = (epoch * steps + step) / (settings.epochs * steps)
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(settings, share_done)
        model.attention.temperature = _temperature(settings, share_done)
        tokens = gradient.tokens(batch)
        logits = model.decode(tokens, batch)
        loss = loss_of(logits, batch)
        penalty = settings.weight_decay * tokens.square().sum() / max(len(tokens), 1)
        (loss + penalty).backward()  # type: ignore[no-untyped-call]
        gradient.collect(tokens, batch, settings.clip)
        optimizer.step()
        gradient.clear()
        if settings.alpha == "learn":  # below 0 tokens would flee those they follow
            model.attention.alpha.data.clamp_(min=settings.alpha_floor)
        losses += loss.item() * len(batch)
        right += correct(logits, batch)
        seen += len(batch)
        bar.update()
    if settings.cooling:
        model.attention.temperature = 0.0  # what is measured, and kept, is the hardmax
    return {
        "epoch": epoch,
        "train_loss": losses / seen,
        "train_loss_hm": hardmax_losses / seen if with_hardmax else math.nan,
        "train_acc": right / seen,
        "alpha": model.attention.alpha.item(),
        "seconds": time.perf_counter() - began,
    }


def _measured(
    model: SentimentModel, settings: Settings, valid: Corpus | None, test: Corpus | None, epoch: int
) -> dict[str, float]:
    row = {}
    if valid is not None:
        row["valid_loss"], row["valid_acc"] = evaluate(model, valid)
    if test is not None:
        row["test_loss"], row["test_acc"] = evaluate(model, test)
        if settings.temperature > 0 and epoch % HARDMAX_LOSS_EVERY == 0:
            row["test_loss_hm"], _ = evaluate(model, test, temperature=0.0)
    return row


def _temperature(settings: Settings, share_done: float) -> float:
    """Give the temperature of a step: geometrically down to a thousandth, then 0."""
    if not settings.cooling:
        return settings.temperature
    if share_done >= settings.cooling:
        return 0.0
    return float(settings.temperature * _COOLED ** (share_done / settings.cooling))


def _has_enough(state: Checkpoint, settings: Settings) -> bool:
    """Tell whether the last `patience` epochs brought nothing better."""
    return bool(settings.patience) and len(state.history) - 1 - state.best_epoch() >= settings.patience


def _first_averaged(settings: Settings) -> int | None:
    """Give the first of the epochs whose weights are averaged; None for no averaging."""
    return round(settings.epochs * (1 - settings.averaging)) if settings.averaging else None


def _learning_rate(settings: Settings, share_done: float) -> float:
    if settings.schedule == "cosine":
        return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * share_done))
    return settings.learning_rate


def _summary(row: dict[str, float]) -> str:
    names = {"train_loss": "loss", "train_acc": "train", "valid_acc": "valid", "test_acc": "test"}
    names |= {"alpha": "alpha"}
    return ", ".join(f"{short} {row[name]:.3f}" for name, short in names.items() if name in row)
