"""Measure why each default of the training is what it is; write results.json here and docs/choices.md.

Usage: python studies/defaults/run.py [--out FOLDER]

Needs the real reviews in HARDMAX_DATA, of which only the training reviews are read, and for one case NLTK's
word lists. What is measured already is kept, so that a run that was stopped goes on, and only cases that are
new or have changed are measured. With --out both files go to that folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from hardmax._support.files import read_json, write_json, write_text
from hardmax._support.folders import output_folder
from hardmax.errors import InputError

sys.path.append(str(Path(__file__).parents[1]))  # for what all studies share

from cases import BASE, FOLLOWED, LOGISTIC, Case, Run, films, measure_case, reviews
from film_folds import FOLDS
from page import Option, page
from shared import reviews_folder

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
PROCESSES = 2

WHOLE = {"max_tokens": 100_000}  # more words than any review has
WORDS = {"pairs": 0}
FREE = {"encoder": "free"}
EXACT = {"gradient": "exact"}


def each(name: str, *values: object) -> list[Case]:
    """Return the cases in which one setting has each of the values."""
    return [Case({name: value}) for value in values]


#: The base with different seeds: what it reaches is the mean over these.
SEEDS = each("seed", 0, 10, 20, 30)
OPTIONS = [
    Option(
        "Held-out films, not held-out reviews",
        "With any reviews held out, other reviews of the same films are learned from, and the names in "
        "them say how the films were liked. Such an accuracy does not hold for new films. Logistic "
        "regression on the frequencies (tf-idf) of words, or of words and pairs, shows what can be reached "
        "without a network.",
        [
            Case(held_out="reviews"),
            *(Case(words, LOGISTIC, kind) for words in (WORDS, {}) for kind in ("films", "reviews")),
        ],
    ),
    Option(
        "The number of layers",
        "With no layer the mean of the words decides, and nothing clusters. With words on lines this is the "
        "accuracy that their votes can reach, and the layers should cost little of it. The paper has eight "
        "layers, in which tokens arrive at their leaders with a step of 1.",
        each("layers", 0, 1, 2, 4),
    ),
    Option(
        "The step alpha",
        "The greater the step, the nearer tokens come to their leaders in eight layers. A learned step "
        "starts between 0 and 1 and may become so small that nothing clusters; the floor is 1, with "
        "which the remaining distance halves in every layer. Small steps are more accurate because tokens "
        "hardly cluster; but clustering is the purpose of the model.",
        [*each("alpha", 0.02, 0.1, 0.3, 1.0, 3.0), Case({"alpha_floor": 0.0})],
    ),
    Option(
        "The encoder",
        "With words on lines only their polarity is learned; a free encoder learns all coordinates, and the "
        "decoder its direction. A free encoder is also tried with other learning rates, and with other "
        "starts: a tenth of the size, and on the lines. The paper trains a free encoder with the exact "
        "gradient.",
        [
            Case(FREE),
            *(Case(FREE | {"learning_rate": rate}) for rate in (0.005, 0.01)),
            Case(FREE, "start ten times smaller"),
            Case(FREE, "start on the lines"),
            Case(FREE | EXACT),
            Case(FREE | EXACT | {"learning_rate": 0.005}),
        ],
    ),
    Option(
        "The gradient",
        "The exact gradient of the hardmax goes to the leaders alone; straight through, each word gets the "
        "gradient at the point where it ends.",
        [Case(EXACT)],
    ),
    Option(
        "A learned matrix A",
        "Scores with A = BᵀB are ⟨Bz, Bz′⟩. The layers only average tokens, and B of an average is the "
        "average of what B makes of the tokens: so a model with tokens z, an invertible B and decoder v "
        "has the same logits as one with A = I, tokens Bz and decoder B⁻ᵀv. With a free encoder a learned "
        "A is no new model and can change only the training; with words on lines it turns and stretches "
        "the lines. The exact gradient of the hardmax by B is 0, as the averages do not depend on it, so B "
        "is learned straight through. It starts at the identity.",
        [
            Case(how="learned A"),
            Case(FREE),
            Case(FREE, "learned A"),
        ],
    ),
    Option(
        "The dimension",
        "With d coordinates there are 2(d - 1) lines, and a leader at each end of them. Two dimensions are "
        "the default because they can be drawn.",
        [*each("dim", 3, 4, 8, 16), Case({"dim": 16, "pairs": 2})],
    ),
    Option(
        "How much is read",
        "The paper reads 128 words of a review. More words help every model.",
        [
            *each("max_tokens", 64, 256),
            Case(WHOLE),
            Case(WHOLE | {"dim": 16}),
            Case(WHOLE | {"dim": 16, "pairs": 2, "min_count": 8}),
            Case(WHOLE | {"layers": 0}),
            Case({}, LOGISTIC),
            Case(WHOLE, LOGISTIC),
        ],
    ),
    Option(
        "Pairs of words",
        "Two words in a row are a token too, such as 'not good'; or two at most 2 apart; or none.",
        each("pairs", 0, 2),
    ),
    Option(
        "Function words in pairs",
        "Words such as 'a', 'of' and 'would' say little alone and are not tokens. Beside another word they "
        "may say much ('a must', 'should have'), so the pairs that they make with their neighbours are "
        "read; or they are left out. Compare the rows of whole reviews, and those of logistic regression, "
        "with each other.",
        [
            *each("function_words", False),
            *(Case({} if kept else {"function_words": False}, LOGISTIC) for kept in (True, False)),
            *(Case(WHOLE if kept else WHOLE | {"function_words": False}) for kept in (True, False)),
        ],
    ),
    Option(
        "Repeated tokens",
        "A token that occurs twice in a review may count twice, in place of once.",
        each("repeats", True),
    ),
    Option(
        "Padding",
        "In the paper short reviews are filled up to 128 words with a word PAD that is followed and counted "
        "like any other. So it is measured with single words: compare these rows with each other.",
        [Case(WORDS | repeats | pad) for repeats in ({}, {"repeats": True}) for pad in ({}, {"pad": True})],
    ),
    Option(
        "The text pipeline",
        "The paper's pipeline keeps capitals, brings words to their dictionary form, and drops stop words.",
        each("pipeline", "paper"),
    ),
    Option(
        "Rare words",
        "Words and pairs in fewer reviews are left out.",
        each("min_count", 1, 2, 3, 10),
    ),
    Option(
        "Reviews for the vocabulary",
        "The paper counts words in whole reviews, the test reviews among them.",
        each("vocabulary_from", "all"),
    ),
    Option(
        "Words left out at random",
        "In each step a fraction of the tokens is left out, so that the network relies on more of them.",
        each("word_dropout", 0.0, 0.5, 0.6, 0.8),
    ),
    Option(
        "The learning rate",
        "Of Adam, at the start; it falls to 0 as half a cosine, or stays as it is.",
        [*each("learning_rate", 0.005, 0.01, 0.04), Case({"schedule": "constant"})],
    ),
    Option(
        "Reviews in a step",
        "'auto' is 256 here, and less for few reviews.",
        each("batch_size", 128, 512),
    ),
    Option(
        "Epochs", "Passes over the reviews, with the learning rate falling over all.", each("epochs", 10, 40)
    ),
    Option("Clipping", "The largest norm of a step's gradient.", each("clip", 0.1, 1e9)),
    Option(
        "Which weights are kept",
        "Those of the last epoch; or those of the epoch that is best on a tenth of the reviews, which is "
        "then not learned from.",
        [Case({"validation": 0.1})],
    ),
]


def about_data() -> dict[str, Any]:
    """Describe the reviews and their films, with a digest of all."""
    texts, sizes = reviews(), np.bincount(films())
    digest = hashlib.sha256("\0".join(texts.texts).encode())
    digest.update(texts.labels.tobytes() + films().tobytes())
    return {
        "reviews": len(texts),
        "films": len(sizes),
        "largest": int(sizes.max()),
        "alone": int((sizes == 1).sum()),
        "digest": digest.hexdigest()[:16],
    }


def fingerprint(case: Case, digest: str) -> str:
    """Return a digest of all that a case depends on except for the code, of reviews with this digest."""
    depends_on = [case.settings().to_dict(), case.how, case.held_out, digest]
    return hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()[:16]


def measured(case: Case) -> tuple[Case, list[Run]]:
    """Measure a case in another process."""
    return case, measure_case(case)


def measure_all(path: Path, data: dict[str, Any]) -> dict[str, list[Run]]:
    """Measure the cases that `path` does not hold yet, write each down as it ends, and return all runs."""
    cases = {case.name: case for case in (*SEEDS, *(case for option in OPTIONS for case in option.cases))}
    prints = {name: fingerprint(case, data["digest"]) for name, case in cases.items()}
    before = read_json(path)["cases"].values() if path.exists() else []
    known = {row["fingerprint"]: row for row in before}
    done = {name: known[found] for name, found in prints.items() if found in known}

    def save() -> None:
        write_json(path, {"data": data, "cases": {name: done[name] for name in cases if name in done}})

    left = [case for name, case in cases.items() if name not in done]
    print(f"{len(done)} cases are measured, {len(left)} are left", flush=True)
    processes = Parallel(PROCESSES, batch_size=1, pre_dispatch=PROCESSES, return_as="generator_unordered")
    for case, runs in processes(delayed(measured)(case) for case in left):
        done[case.name] = {"fingerprint": prints[case.name], "runs": runs}
        save()
        print(f"{case.name}: {np.mean([run['accuracy'] for run in runs]):.4f}", flush=True)
    save()
    return {name: row["runs"] for name, row in done.items()}


def main() -> None:
    """Measure what is not measured yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path)
    out = parser.parse_args().out
    try:
        reviews_folder()
        results = HERE if out is None else output_folder(out)
        data = about_data()
        runs = measure_all(results / "results.json", data)
        settings = {name: value for name, value in BASE.to_dict().items() if name != "seed"}
        seeds = [runs[case.name] for case in SEEDS]
        text = page(OPTIONS, seeds, runs, settings=settings, data=data, folds=FOLDS, followed=FOLLOWED)
        write_text((DOCS if out is None else out) / "choices.md", text)
    except InputError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
