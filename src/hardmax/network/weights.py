"""Weights in safetensors files, which others may have written."""

import os
from collections.abc import Mapping

import torch
from safetensors import safe_open
from torch import Tensor

from hardmax._support.files import plain_file
from hardmax.errors import InputError

#: Bytes of a file: those of a checkpoint of the largest network.
_LARGEST_WEIGHTS = 2**33
#: What safetensors calls the types of our tensors.
_CODES = {torch.float32: "F32", torch.int8: "I8", torch.int16: "I16", torch.int32: "I32"}


def read_tensors(
    path: str | os.PathLike[str], like: Mapping[str, Tensor], optional: Mapping[str, Tensor] | None = None
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors of a safetensors file, and what else it says.

    It must have the tensors `like`, by name, shape and type, and may have those that are `optional`. None of
    another shape is read.

    Raises
    ------
    InputError
        When it holds others, or a number that is not finite.
    SafetensorError, OSError
        When it is cut off, or cannot be read.
    """
    known = {**like, **(optional or {})}
    with safe_open(plain_file(path, _LARGEST_WEIGHTS), framework="pt") as file:
        names, about = file.keys(), file.metadata() or {}
        if wrong := (like.keys() - names) | (set(names) - known.keys()):
            name = min(wrong)
            raise InputError(f"there is {'no' if name in like else 'a'} tensor {name!r}")
        for name in names:
            entry, wanted = file.get_slice(name), known[name]
            found = f"{entry.get_dtype()} of shape {tuple(entry.get_shape())}"
            if found != (right := f"{_CODES[wanted.dtype]} of shape {tuple(wanted.shape)}"):
                raise InputError(f"{name} is {found}, not {right}")
        tensors = {name: file.get_tensor(name) for name in names}
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise InputError(f"{name} is not finite")
    return tensors, about
