"""Numbers, settings and messages that no one means: one printable line, or the numbers that they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

import hardmax as hx
from hardmax import HardmaxClassifier, Settings, TrainedModel
from hardmax.classifier.fit import fit_prepared
from hardmax.errors import InputError, MissingExtraError
from hardmax.network import HardmaxAttention
from hardmax.text import Vocabulary
from hardmax.training.checkpoint import checksum
from hardmax.training.history import COLUMNS, History
from hardmax.training.prepare import prepare

TOKENS = [[1.0, 0.0], [0.0, 1.0]]
TEXTS, LABELS = ["good film", "bad film", "good plot", "bad plot"] * 3, [1, 0, 1, 0] * 3
#: What no setting is.
NO_NUMBERS: dict[str, Any] = {
    "400 digits": 10**400,
    "5000 digits": 10**5000,
    "text of 5000 digits": "9" * 5000,
    "1e400": "1e400",
    "nan": float("nan"),
    "infinity": float("inf"),
    "NumPy's nan": np.float64("nan"),
    "longer": np.longdouble("1e4000"),
    "below 0": -1,
    "None": None,
    "a list": [1],
    "a dict": {},
    "an array without an axis": np.array(3),
    "an array": np.array([1, 2]),
    "a tensor": torch.tensor(3),
    "complex": 1j,
    "bytes": b"1",
    "a type": float,
    "a fraction": Fraction(1, 2),
    "a date": np.datetime64("2020"),
    "an escape": "\x1b[31m",
    "a long word": "x" * 100_000,
}


def refused(call: Callable[[], object]) -> str:
    """Return the one short printable line of an `InputError`."""
    with pytest.raises(InputError) as caught:
        call()
    line = str(caught.value)
    assert line.isprintable() and len(line) < 1_500
    return line


# --- settings


@pytest.mark.parametrize("value", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_number_is_no_setting(value: Any) -> None:
    for name in Settings().to_dict():
        assert name in refused(lambda name=name: Settings().replace(**{name: value}))  # type: ignore[misc]


NUMPY: dict[str, Any] = {
    "dim": np.int64(3),
    "layers": np.uint8(2),
    "alpha": np.float32(0.5),
    "temperature": np.float16(0.5),
    "encoder": np.str_("free"),
    "pad": np.bool_(True),
    "pairs": np.int8(1),
    "seed": np.uint64(5),
    "learning_rate": np.longdouble(0.5),
}


@pytest.mark.parametrize(("name", "value"), NUMPY.items(), ids=NUMPY)
def test_numbers_of_numpy_are_the_numbers_that_they_are(name: str, value: Any) -> None:
    settings = Settings().replace(**{name: value})
    assert settings.to_dict()[name] == value
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize("values", [None, [], 5, "abc", {1: 2}, {None: 1}, {("dim",): 2}])
def test_what_is_no_settings_by_name_is_refused(values: Any) -> None:
    assert "no settings by name" in refused(lambda: Settings.from_dict(values))


BEYOND = [
    *((name, 1e300) for name in ("alpha", "alpha_floor", "temperature")),
    *((name, 10**30) for name in ("dim", "layers", "pairs", "max_tokens", "epochs", "patience", "seed")),
]


@pytest.mark.parametrize(("name", "value"), BEYOND)
def test_numbers_that_float32_or_torch_cannot_hold_are_refused(name: str, value: float) -> None:
    assert f"{name} is {value}; give one of at most" in refused(lambda: Settings().replace(**{name: value}))


SET = [
    "[" * 10**5,
    "9" * 5000,
    "9" * 400,
    "NaN",
    "null",
    "[1]",
    '"\\ud800"',
    "\x1b[31m",
    "1e400",
    '"' + "x" * 10**5,
]


@pytest.mark.parametrize("value", SET, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("name", ["dim", "alpha", "pad", "schedule", "x" * 10**5])
def test_an_option_of_nonsense_is_refused(
    refused: Callable[..., str], home: Path, tmp_path: Path, name: str, value: str
) -> None:
    train = ("train", "--train", home / "reviews.csv", "--out", tmp_path / "run")
    refused(*train, "--set", f"{name}={value}")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("digits", ["9" * 30, "9" * 4000, "2147483648"])
@pytest.mark.parametrize("command", [["simulate", "--preset", "square"], ["train", "--train"]])
def test_so_many_layers_are_refused(
    refused: Callable[..., str], home: Path, tmp_path: Path, command: list[str], digits: str
) -> None:
    file = [home / "reviews.csv"] if command[-1] == "--train" else []
    assert "layers is" in refused(*command, *file, "--layers", digits, "--out", tmp_path / "run")


# --- other parameters


@pytest.mark.parametrize("value", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_is_no_number_is_no_parameter(value: Any) -> None:
    refused(lambda: hx.simulate(TOKENS, layers=value))
    refused(lambda: hx.preset("square", seed=value))
    refused(lambda: HardmaxAttention(layers=value))
    refused(lambda: HardmaxAttention(alpha=value))
    refused(lambda: hx.Hardmax(alpha=value))
    if not isinstance(value, np.ndarray):  # one without an axis is the number that it holds
        refused(lambda: hx.Softmax(temperature=value))
    if value is not None:  # which is the default
        refused(lambda: hx.simulate(TOKENS, rule=value))
        refused(lambda: hx.Hardmax(A=value))
        refused(lambda: hx.Hardmax(tie_tol=value))
    if not isinstance(value, int) or value > 0:  # the last layer
        refused(lambda: hx.simulate(TOKENS, layers=1).follows(value))


@pytest.mark.parametrize(
    "tokens", [[[10**400, 1]], [[1, 2], [1]], np.zeros((1, 20_000)), torch.eye(2).to_sparse(), "abc", None]
)
def test_what_is_no_array_of_numbers_is_refused(tokens: Any) -> None:
    refused(lambda: hx.simulate(tokens))
    refused(lambda: hx.simulate(TOKENS, weights=tokens if tokens is not None else [10**400, 1]))


EXTREME = [
    *(("temperature", value) for value in (1e30, 1e-30, 1e-300, 5e-324)),
    *((name, value) for name in ("alpha", "alpha_floor", "clip") for value in (10**30, 1e-300)),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("name", "value"), EXTREME)
def test_extreme_numbers_do_no_harm(name: str, value: float) -> None:
    settings = Settings().replace(encoder="free", epochs=1, word_dropout=0, **{name: value})
    prepared = prepare([["good"], ["bad"]] * 8, np.array([1, 0] * 8), settings)
    trained = fit_prepared(prepared, settings)
    assert np.isfinite(trained.probabilities(["good", "bad good"])).all()


# --- the estimator

ESTIMATORS: list[dict[str, Any]] = [
    *({"class_weight": value} for value in ("blanced", 5, np.array([1, 2]), {"x": 1}, {0: -1}, {0: 10**400})),
    *({"class_weight": value} for value in ({0: np.array(1.0)}, {0: "a"}, float("nan"), True, b"balanced")),
    *({"random_state": value} for value in (10**30, -1, 2**63, np.uint64(2**63), 10**5000, True)),
    *({"n_jobs": value} for value in (0, 2.0, "x", float("nan"), np.array(2))),
]


@pytest.mark.parametrize("parameters", ESTIMATORS, ids=lambda each: ", ".join(each))
def test_parameters_of_nonsense_are_refused(parameters: dict[str, Any]) -> None:
    refused(lambda: HardmaxClassifier(min_count=1, epochs=1, **parameters).fit(TEXTS, LABELS))


@pytest.mark.parametrize(
    "weights", [[10**400] * 12, ["a"] * 12, [-1] * 12, [float("nan")] * 12, 5, [1j] * 12]
)
def test_weights_of_nonsense_are_refused(weights: Any) -> None:
    refused(lambda: HardmaxClassifier(min_count=1, epochs=1).fit(TEXTS, LABELS, weights))


# --- files of a training run

RUN = Settings().replace(epochs=3, min_count=1, batch_size=4)
PREPARED = prepare([["good", "film"], ["bad", "film"]] * 8, np.array([1, 0] * 8), RUN)
Tensors = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a training run of three epochs that was stopped after two."""
    path = tmp_path_factory.mktemp("checkpoint") / "checkpoint.safetensors"

    def stop(history: History) -> None:
        if len(history) == 2:
            raise LookupError

    with pytest.raises(LookupError):
        fit_prepared(PREPARED, RUN, checkpoint=path, on_epoch=stop)
    return path


PARTS = ["kept.", "model.", "exp_avg.", "exp_avg_sq.", "step."]
TENSORS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "float64": lambda value: value.double(),
    "whole": lambda value: value.int(),
    "float8": lambda value: value.to(torch.float8_e5m2),
    "nan": lambda value: value * torch.nan,
    "another shape": lambda value: torch.zeros(7),
}
ABOUT = [
    *({"kept_epoch": value} for value in ("-5", "2", "x", "1.0", "9" * 5000, "")),
    *(
        {"history": value}
        for value in ("", "null", "[5]", "{}", "[" * 10**5, "[{}]", '[{"epoch": null}]', "5")
    ),
    {"history": '[{"epoch": 0, "alpha": ' + "9" * 400 + "}]"},
]


def resumed(path: Path, checkpoint: Path, change: Callable[[Tensors, dict[str, str]], None]) -> None:
    with safe_open(checkpoint, "pt") as file:
        about, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    change(tensors, about)
    del about["checksum"]  # by which all would be refused for a change of bytes
    with suppress(TypeError):  # no NumPy array is of float8
        about["checksum"] = checksum(tensors, about)
    save_file(tensors, path, about)
    fit_prepared(PREPARED, RUN, checkpoint=path, resume=True)


@pytest.mark.parametrize("kind", [*TENSORS, "missing"])
@pytest.mark.parametrize("part", PARTS)
def test_a_checkpoint_of_other_tensors_is_refused(
    tmp_path: Path, checkpoint: Path, part: str, kind: str
) -> None:
    def change(tensors: Tensors, about: dict[str, str]) -> None:
        for name in [name for name in tensors if name.startswith(part)]:
            value = tensors.pop(name)
            if kind != "missing":
                tensors[name] = TENSORS[kind](value)

    message = refused(lambda: resumed(tmp_path / "c.safetensors", checkpoint, change))
    assert "is not a checkpoint of this network" in message and "checksum" not in message


def test_a_checkpoint_of_changed_bytes_is_refused(tmp_path: Path, checkpoint: Path) -> None:
    content = bytearray(checkpoint.read_bytes())
    content[-1] ^= 1  # of a number, which stays finite
    (tmp_path / "c.safetensors").write_bytes(content)
    message = refused(lambda: fit_prepared(PREPARED, RUN, checkpoint=tmp_path / "c.safetensors", resume=True))
    assert "its bytes were changed" in message


@pytest.mark.parametrize("changes", ABOUT, ids=lambda each: str(each)[:30])
def test_a_checkpoint_that_says_nonsense_is_refused(
    tmp_path: Path, checkpoint: Path, changes: dict[str, str]
) -> None:
    def change(_: Tensors, about: dict[str, str]) -> None:
        about.update(changes)

    assert "bytes" not in refused(lambda: resumed(tmp_path / "c.safetensors", checkpoint, change))


HISTORIES = [
    b"\0",
    b",,,,,,,,,,\n",
    b"1,,,,,,,,,,\n",
    b"9" * 5000 + b",,,,,,,,,,\n",
    b"0,x,,,,,,,,,\n",
    b"0," + b"1" * 200_000,
]


@pytest.mark.parametrize("rows", HISTORIES, ids=lambda rows: rows[:12].decode())
def test_a_history_of_nonsense_is_refused(tmp_path: Path, rows: bytes) -> None:
    names = b"" if rows == b"\0" else ",".join(COLUMNS).encode() + b"\n"
    (tmp_path / "history.csv").write_bytes(names + rows)
    refused(lambda: History.load(tmp_path / "history.csv"))


# --- messages

ODD = ["\x1b[31mred", "two\nlines", "\x9b31m", "\u202eback", "\udc80", "\0", "x" * 10**6]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:12])
def test_a_message_is_one_short_printable_line(odd: str) -> None:
    for error in (InputError(f"{odd} is wrong; do this"), MissingExtraError(odd)):
        assert str(error).isprintable() and len(str(error)) < 1_500
    assert str(InputError(f"{odd} is wrong; do this")).endswith("is wrong; do this")


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:12])
def test_what_a_message_quotes_cannot_reach_the_terminal(tmp_path: Path, odd: str) -> None:
    folder = tmp_path / odd[:100].replace("\0", "NUL")
    TrainedModel.start(Vocabulary(["good"]), Settings()).save(folder)
    save_file({odd.encode("ascii", "replace").decode(): torch.zeros(1)}, folder / "model.safetensors")
    refused(lambda: TrainedModel.load(folder))
