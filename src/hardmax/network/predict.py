"""What a network makes of texts."""

from __future__ import annotations

#: Texts that go through the model at once when it only predicts.
_PREDICT_BATCH = 1024


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


@one_torch_thread()
def evaluate(model: SentimentModel, corpus: Corpus, temperature: float | None = None) -> tuple[float, float]:
    """Give the mean loss and the accuracy of `model` on `corpus`, with another temperature if given."""
    all_logits = logits(model, corpus, temperature)
    return float(loss_of(all_logits, corpus)), correct(all_logits, corpus) / len(corpus)


@one_torch_thread()
def logits(model: SentimentModel, corpus: Corpus, temperature: float | None = None) -> Tensor:
    """Give the logits of all texts of `corpus`, (S, outputs), with another temperature if given."""
    attention = model.attention
    own = attention.temperature
    attention.temperature = own if temperature is None else temperature
    try:
        with torch.no_grad():
            parts = [model(batch) for batch in corpus.batches(_PREDICT_BATCH)]
    finally:
        attention.temperature = own
    return torch.cat(parts) if parts else model.decoder.bias.new_empty(0, len(model.decoder.bias))


def hardmax_loss(model: SentimentModel, batch: Corpus) -> float:
    """Give the mean loss of one batch with hardmax layers in place of softmax."""
    return float(loss_of(logits(model, batch, temperature=0.0), batch))


def loss_of(logits: Tensor, batch: Corpus) -> Tensor:
    """Give the mean cross-entropy of the batch, binary for one output; each text counts its importance."""
    labels = torch.from_numpy(batch.labels).to(logits.device)
    if logits.shape[1] == 1:
        losses = F.binary_cross_entropy_with_logits(logits[:, 0], labels.to(logits.dtype), reduction="none")
    else:
        losses = F.cross_entropy(logits, labels, reduction="none")
    if batch.importance is None:
        return losses.mean()
    return (losses * torch.from_numpy(batch.importance).to(losses)).mean()


def correct(logits: Tensor, batch: Corpus) -> int:
    """Count the texts whose likeliest class is their label."""
    guesses = logits[:, 0] > 0 if logits.shape[1] == 1 else logits.argmax(1)
    return int((guesses.cpu().numpy() == batch.labels).sum())
