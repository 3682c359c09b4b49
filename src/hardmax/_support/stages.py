"""Work in stages: a stage that is finished is recorded, and not done again."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardmax._support.files import read_json, write_json
from hardmax._support.folders import is_empty
from hardmax.errors import InputError

RECORD = "stages.json"
Record = dict[str, Any]


@dataclass
class Stages:
    """The stages of a piece of work in a folder, in their order.

    The file ``stages.json`` in the folder holds the `record`: what everything there depends on, and for each
    stage whether it is finished, which files it made, and how many seconds it took, all attempts together.
    `say` is called with the number and the name of each of the `total` stages when it begins.
    """

    folder: Path
    record: Record
    total: int
    say: Callable[[str], None]
    _done: int = 0

    @classmethod
    def open(
        cls, folder: Path, depends_on: Record, about: Record, total: int, say: Callable[[str], None]
    ) -> "Stages":
        """Begin in an empty folder, or go on in one that began with the same `depends_on`."""
        if not (folder / RECORD).exists():
            if not is_empty(folder):
                raise InputError(f"{folder} is not empty and holds no {RECORD}; give another folder")
            write_json(folder / RECORD, {"depends_on": depends_on, "about": about, "stages": {}})
        record = read_json(folder / RECORD)
        if not _is_record(record):
            raise InputError(f"{folder / RECORD} is not a record of stages; give another folder")
        record["about"] = about
        for name, value in depends_on.items():
            if (begun := record["depends_on"].get(name)) != value:
                raise InputError(
                    f"{folder} was begun with {name} = {begun!r}, not {value!r}; give another folder, or "
                    "the same input"
                )
        return cls(folder, record, total, say)

    def run(self, name: str, work: Callable[[], Iterable[Path]]) -> None:
        """Do `work`, which returns the files it made, unless it was finished before and they all still exist.

        A stage that an exception ends, Ctrl-C too, is not finished, and its work is done again next time.
        """
        self._done += 1
        title = f"{self._done}/{self.total} {name}"
        before = {"finished": False, "made": [], "seconds": 0.0} | self.record["stages"].get(name, {})
        if before["finished"] and all((self.folder / path).exists() for path in before["made"]):
            self.say(f"{title}: done before")
            return
        self.say(title)
        spent = 0.0 if before["finished"] else before["seconds"]
        began = time.perf_counter() - spent
        try:
            made = [path.relative_to(self.folder).as_posix() for path in work()]
        except BaseException:
            with suppress(InputError):  # the reason of the failure is what counts
                self._note(name, began, finished=False)
            raise
        self._note(name, began, finished=True, made=made)

    def _note(self, name: str, began: float, **stage: object) -> None:
        self.record["stages"][name] = stage | {"seconds": round(time.perf_counter() - began, 2)}
        write_json(self.folder / RECORD, self.record)


def _is_record(found: Any) -> bool:
    """Return whether this can be what `Stages.record` was written from."""
    try:
        stages = found["stages"].values()
        timed = [isinstance(stage["seconds"], float) and "finished" in stage for stage in stages]
        return all(timed) and isinstance(found["depends_on"], dict)
    except (AttributeError, KeyError, TypeError):
        return False
