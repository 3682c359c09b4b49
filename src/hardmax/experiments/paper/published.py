"""The numbers of arXiv 2407.01602, as its authors published and stored them."""

import math
from dataclasses import dataclass

PAPER = (
    "A. Alcalde, G. Fantuzzi, E. Zuazua, Clustering in pure-attention hardmax transformers and its role "
    "in sentiment analysis, SIAM J. Math. Data Sci. 7(3), 1367–1393 (2025)"
)
PAPER_LINK = "https://arxiv.org/abs/2407.01602"

TRAIN_REVIEWS, TEST_REVIEWS = 35_000, 15_000
BATCH_SIZE = 64
EPOCHS = 101
#: Rows of the embedding; the last two digits are not published, so numbers are compared with the middle.
VOCABULARY_ROWS, ABOUT_VOCABULARY_ROWS = "121,3xx", 121_350

#: The epochs at which training losses are published.
LOSS_EPOCHS = (0, 10, 20, 30, 50, 100)


def steps(reviews: int) -> int:
    """Return the number of training steps in an epoch, with the paper's batches.

    Examples
    --------
    >>> steps(TRAIN_REVIEWS)
    547
    """
    return math.ceil(reviews / BATCH_SIZE)


@dataclass(frozen=True)
class Result:
    """The published numbers of one model."""

    best_test_accuracy: float
    best_epoch: int
    last_test_accuracy: float  # at epoch 100
    train_losses: tuple[float, ...]  # at the epochs `LOSS_EPOCHS`


#: By the dimension d. Accuracies are means over batches.
RESULTS = {
    2: Result(0.7914, 100, 0.7914, (0.6957, 0.5850, 0.5046, 0.4338, 0.3228, 0.1604)),
    4: Result(0.8228, 46, 0.8027, (0.6970, 0.5180, 0.3567, 0.2398, 0.1056, 0.0151)),
    8: Result(0.8505, 38, 0.8134, (0.6872, 0.3168, 0.2153, 0.1328, 0.0585, 0.0115)),
    16: Result(0.8821, 20, 0.8457, (0.6789, 0.2016, 0.0978, 0.0451, 0.0074, 0.0003)),
}

#: d = 2, the last epoch: the training loss with hardmax layers in place of softmax.
HARDMAX_LOSS = 0.1605
#: d = 2: the largest difference between the two losses over the whole training.
SOFTMAX_HARDMAX_GAP = 0.0005

#: The trained model of d = 2: step size alpha, and decoder x -> <v, x> + b.
ALPHA, V, B = 2.3528, (-7.287, 5.710), -0.284

#: d = 2: how often a word is a leader in confident test reviews, the 15 most frequent.
LEADER_WORDS = {
    "great": 1247,
    "worst": 677,
    "waste": 670,
    "love": 561,
    "awful": 532,
    "money": 457,
    "year": 414,
    "amazing": 391,
    "boring": 380,
    "perfect": 335,
    "left": 308,
    "enjoyed": 293,
    "people": 273,
    "found": 250,
    "poor": 244,
}
