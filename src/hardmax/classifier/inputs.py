"""Checking texts, labels and weights that come in any of the shapes that scikit-learn takes.

What is wrong is an `InputError`, or a ValueError of scikit-learn; `HardmaxClassifier.fit` lists what may be.
"""

from collections.abc import Mapping, Sequence
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets

from hardmax._support.checks import real_number, shown
from hardmax.errors import InputError

Array = npt.NDArray[Any]


def texts_of(X: Any) -> Sequence[str]:
    """Return `X` itself where it is a list, tuple or array, else an array of its texts; no text is copied.

    Examples
    --------
    >>> texts_of(("A fine film.", "Dull."))
    ('A fine film.', 'Dull.')
    """
    if isinstance(X, str):
        raise InputError("a list or 1d array of texts expected as X, one text received; give [text]")
    texts: Any = X if isinstance(X, list | tuple | np.ndarray) else np.asarray(X, object)
    if isinstance(texts, np.ndarray) and texts.ndim != 1:
        raise InputError(
            f"a list or 1d array of texts expected as X, {type(X).__name__} of shape {texts.shape} received"
        )
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"X[{number}] is {shown(text)}, not a text; give texts alone")
    return texts  # type: ignore[no-any-return]


def labels_of(y: Any) -> Array:
    """Return `y` as a 1-D array, of objects where NumPy would turn the labels of a list into others.

    Examples
    --------
    >>> labels_of(["pos", "neg"]), labels_of([("new", 1), ("old", 2)])
    (array(['pos', 'neg'], dtype='<U3'), array([('new', 1), ('old', 2)], dtype=object))
    """
    alike = (str, (Number, np.bool_))
    if isinstance(y, list | tuple) and not any(all(isinstance(label, kind) for label in y) for kind in alike):
        y = np.fromiter(y, object, len(y))
    labels: Array = column_or_1d(y, warn=True)
    missing = np.flatnonzero(pd.isna(labels))
    if len(missing):
        raise InputError(
            f"Input y contains NaN: y[{missing[0]}] is {labels[missing[0]]}; give each text a label"
        )
    if labels.dtype.kind == "f":
        check_classification_targets(labels)
    return labels


def encoded_labels(labels: Array) -> tuple[Array, Array]:
    """Return the C different labels, sorted, and for each of `labels` its place among them.

    Examples
    --------
    >>> encoded_labels(labels_of([True, False, True]))
    (array([False,  True]), array([1, 0, 1]))
    """
    if not len(labels):
        raise InputError(
            "Found array with 0 sample(s) while a minimum of 1 is required; give texts and labels"
        )
    given = labels.tolist()
    try:
        dict.fromkeys(given)  # without a hash, labels could not be named in class_weight
        classes, encoded = np.unique(labels, return_inverse=True)
    except TypeError:
        types = ", ".join(dict.fromkeys(type(label).__name__ for label in given))
        raise InputError(
            f"y holds labels of type {types}, which cannot be told apart and put in order; "
            "give them one type, such as str"
        ) from None
    if len(classes) < 2:
        raise InputError(f"y holds one class only, {shown(given[0])}; give texts of at least 2 classes")
    return classes, encoded


def importance_of(class_weight: Any, sample_weight: Any, classes: list[Any], encoded: Array) -> Array:
    """Return how much each text counts in the loss, 1 on average.

    The weights are those of `HardmaxClassifier`, and `encoded` (n,) is the place of each text's label among
    the C `classes`.

    Examples
    --------
    >>> importance_of({"neg": 3}, None, ["neg", "pos"], np.array([0, 1]))
    array([1.5, 0.5], dtype=float32)
    """
    importance: Array = _weights_of_classes(class_weight, classes, encoded)[encoded]
    if sample_weight is not None:
        try:
            weights = np.asarray(sample_weight, float)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"sample_weight holds something that is not a number ({error}); give finite numbers"
            ) from error
        if weights.shape != encoded.shape:
            raise InputError(f"sample_weight.shape == {weights.shape}, expected {encoded.shape}!")
        wrong = np.flatnonzero(~((weights >= 0) & np.isfinite(weights)))
        if len(wrong):
            raise InputError(
                f"sample_weight[{wrong[0]}] is {weights[wrong[0]]}; give finite numbers, zero or greater"
            )
        importance = importance * weights
    if not importance.any():
        raise InputError("the weight of every text is zero; give one a greater sample_weight or class_weight")
    importance /= importance.max()  # a mean of very large numbers would be infinite
    return np.asarray(importance / importance.mean(), np.float32)


def _weights_of_classes(class_weight: Any, classes: list[Any], encoded: Array) -> Array:
    if not isinstance(class_weight, Mapping):
        if class_weight is not None and not (isinstance(class_weight, str) and class_weight == "balanced"):
            raise InputError(
                f"class_weight is {shown(class_weight)}; give 'balanced', None or numbers by label"
            )
        weights: Array = compute_class_weight(class_weight, classes=np.arange(len(classes)), y=encoded)
        return weights
    # An unknown label is a typing error only if some class then lacks a weight of its own.
    strange = [label for label in class_weight if label not in classes]
    if strange and not all(label in class_weight for label in classes):
        raise InputError(
            f"class_weight names {shown(strange[0])}, which is not among the labels {shown(classes)}"
        )
    given = [real_number(class_weight.get(label, 1.0), f"class_weight[{shown(label)}]") for label in classes]
    return np.array(given)
