"""scikit-learn's own checks, on the estimator and on a subclass of it that takes rows of numbers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

from hardmax.classifier.estimator import HardmaxClassifier

# The checks give rows of numbers as data, and check next to nothing of an estimator of texts. So this one
# writes each number, rounded, as a word of its column; it adds nothing else.
_BINS = 64


def written(rows):
    """Write each number as one letter, of which Chinese has enough."""
    bins = np.clip(np.floor(4 * rows) + _BINS // 2, 0, _BINS - 1).astype(int)
    letters = 0x4E00 + bins + _BINS * np.arange(rows.shape[1])
    return [" ".join(map(chr, row)) for row in letters]


class HardmaxOnRows(HardmaxClassifier):
    def fit(self, X, y, sample_weight=None):
        return super().fit(written(validate_data(self, X)), y, sample_weight)

    def _read(self, X):
        check_is_fitted(self)
        return written(validate_data(self, X, reset=False))

    def decision_function(self, X):
        return super().decision_function(self._read(X))

    def predict_proba(self, X):
        return super().predict_proba(self._read(X))

    def predict(self, X):
        return super().predict(self._read(X))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = False
        tags.input_tags.two_d_array = True
        return tags


ON_ROWS = HardmaxOnRows(
    layers=2, pairs=0, min_count=1, epochs=15, batch_size=8, learning_rate=0.1, word_dropout=0.1
)


#: What is not asked of the estimator, and why.
EXCLUDED = {
    "check_sample_weight_equivalence_on_dense_data": "a text given twice is met twice in an epoch, each time "
    "with other words left out and other texts in its batch; one of weight 2 is met once, and counts twice",
}

with warnings.catch_warnings():  # that little is checked of an estimator of texts
    warnings.simplefilter("ignore", SkipTestWarning)
    all_checks = parametrize_with_checks(
        [HardmaxClassifier(), ON_ROWS], expected_failed_checks=lambda _: EXCLUDED
    )


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")  # scikit-learn's, of a label inf
@all_checks
def test_scikit_learn_checks(estimator, check):
    check(estimator)
