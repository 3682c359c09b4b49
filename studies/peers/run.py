"""Measure hardmax and its peers side by side; write results.json here and docs/peers.md.

Usage: python studies/peers/run.py [--rows NAME ...] [--seeds 5] [--again] [--out FOLDER]

Needs the real reviews in HARDMAX_DATA and, for the paper's own training, NLTK's word lists. Each training is
kept as soon as it is measured and not done twice, so this may be stopped and started again; --again does it
anew, as after a change of the code. With --out both files go to that folder. The first seed of each row is
timed: leave the machine alone meanwhile, as with --seeds 1 at first, and let further seeds follow beside
other work.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from hardmax._support.checks import whole_number
from hardmax._support.files import read_json, write_json, write_text
from hardmax._support.folders import output_folder
from hardmax._support.machine import machine
from hardmax._support.threads import using_threads
from hardmax.errors import InputError
from hardmax.experiments.review_split import Splits, read_splits

sys.path.append(str(Path(__file__).parents[1]))  # for what all studies share

from page import page
from rows import FOLLOWED, PEERS, PREDICTED, READS, REPEATS, Data, measure_peer
from shared import reviews_folder

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
THREADS = 2


def start(path: Path, splits: Splits) -> dict[str, Any]:
    """Return the record that `path` holds, of this machine and these reviews, or a new one."""
    test = len(splits.test)
    reviews = {"fingerprint": splits.fingerprint, "train": len(splits.train), "test": test}
    reviews |= {"timed": min(PREDICTED, test), "followed": min(FOLLOWED, test)}
    record = {"machine": machine(), "reviews": reviews, "repeats": REPEATS}
    if not path.exists():
        return record | {"rows": []}
    found = read_json(path)
    for name, value in record.items():
        if found.get(name) != value:
            raise InputError(
                f"{path}: its {name} is not that of today; delete the file or give another --out"
            )
    return found


def row_of(record: dict[str, Any], key: str, reads: str) -> dict[str, Any]:
    """Find the row of a peer in the record; where there is none of these settings, put in a new one."""
    peer = PEERS[key]
    about = {"row": key, "reads": reads, "name": peer.name, "settings": peer.settings(reads)}
    found = next((row for row in record["rows"] if about.items() <= row.items()), None)
    if found is not None:
        return found
    new = about | {"runs": []}
    order = {names: place for place, names in enumerate(product(READS, PEERS))}
    kept = {(row["reads"], row["row"]): row for row in record["rows"]} | {(reads, key): new}
    record["rows"] = sorted(kept.values(), key=lambda row: order.get((row["reads"], row["row"]), len(order)))
    return new


def measurements(
    record: dict[str, Any], data: Data, keys: list[str], seeds: int, again: bool
) -> Iterator[dict[str, Any]]:
    """Put into the record what it lacks of the rows `keys`, and yield the row after each training."""
    for reads, key in product(READS, keys):
        peer = PEERS[key]
        if reads not in peer.reads:
            continue
        row = row_of(record, key, reads)
        if again:
            row["runs"] = []
        done = [run["seed"] for run in row["runs"]]
        for number, seed in enumerate(peer.seeds(seeds)):
            if seed not in done:
                row["runs"].append(measure_peer(peer, data, reads, seed, timed=number == 0))
                yield row


def main() -> None:
    """Measure the chosen rows; write the record and its page after each training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", nargs="+", choices=PEERS, default=list(PEERS), metavar="NAME")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    try:
        seeds = whole_number(chosen.seeds, "--seeds", least=1)
        splits = read_splits(reviews_folder())
        path = output_folder(chosen.out or HERE) / "results.json"
        with using_threads(THREADS):
            record = start(path, splits)
            data = Data(splits.train, splits.test)
            for row in measurements(record, data, chosen.rows, seeds, chosen.again):
                run = row["runs"][-1].items()
                numbers = ", ".join(f"{name} {value:.5g}" for name, value in run if value is not None)
                print(f"{row['name']}, {row['reads']}: {numbers}", flush=True)
                write_json(path, record)
        write_text((chosen.out or DOCS) / "peers.md", page(record))
    except InputError as error:
        raise SystemExit(str(error)) from error
    except KeyboardInterrupt:
        raise SystemExit("stopped; all trainings that were measured are kept") from None


if __name__ == "__main__":
    main()
