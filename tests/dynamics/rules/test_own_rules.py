"""A rule that somebody wrote in a script of their own is used, saved and loaded like those of the package."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_rules import Anchored, UpToItself

import hardmax as hx
from hardmax.errors import InputError

HERE = Path(__file__).parent
Z = np.array([(1.0, 1.0), (1.0, -1.0), (-1.0, 0.5), (0.5, 0.0), (0.25, 0.25)])


def test_tokens_follow_those_before_them():
    trajectory = hx.simulate(Z[::-1], UpToItself(alpha=1.0), layers=1)
    assert [C.tolist() for C in trajectory.followed(0)] == [[0], [1], [2], [3], [4]]
    trajectory = hx.simulate(Z, UpToItself(alpha=1.0), layers=1)
    assert [C.tolist() for C in trajectory.followed(0)] == [[0], [1], [2], [0, 1], [0]]
    np.testing.assert_array_equal(trajectory.positions[1, 3:], [(0.75, 0.0), (0.625, 0.625)])
    assert trajectory.status is hx.simulate(Z, hx.Softmax(), layers=1).status


def test_equal_tokens_are_moved_apart_and_lead_as_one():
    class Still(hx.Rule):
        def scores(self, Z):
            return np.where(np.eye(len(Z)), 0.0, -np.inf)

        def targets(self, Z, weights):
            return Z

    trajectory = hx.simulate([[1.0], [1.0], [0.0]], Still(), layers=2)
    assert trajectory.points.shape == (3, 3, 1)
    assert trajectory.follows(-1).tolist() == [0, 1, 2]
    assert trajectory.leaders().tolist() == [0, 2]


def test_a_rule_whose_methods_a_kernel_would_pass_over_is_refused():
    with pytest.raises(TypeError, match=r"Mine defines scores, .* make it a subclass of hardmax\.Rule"):

        class Mine(hx.Hardmax):
            def scores(self, Z):
                return -super().scores(Z)


def test_tokens_under_scores_of_ones_own_cannot_settle():
    with pytest.raises(TypeError, match="Mine says itself whom tokens follow, so they cannot settle"):

        class Mine(hx.Rule):
            can_settle = True

            def scores(self, Z):
                return -Z @ Z.T


# --- values


def test_rules_are_values_with_and_without_parameters_of_their_own():
    assert UpToItself(0.5) == UpToItself(alpha=0.5) != UpToItself(0.6)
    assert UpToItself() != hx.Hardmax() and len({UpToItself(), UpToItself(), UpToItself(A=np.eye(2))}) == 2
    assert Anchored(anchor=[1, 2]) == Anchored(anchor=np.array([1.0, 2.0])) != Anchored(anchor=[1, 3])
    assert hash(Anchored(anchor=[1, 2])) == hash(Anchored(anchor=np.array([1.0, 2.0])))


def test_a_rule_keeps_its_own_copy_of_its_arrays():
    anchor = np.array([1.0, 2.0])
    rule = Anchored(anchor=anchor)
    anchor[0] = 5.0
    assert rule.anchor[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        rule.anchor[0] = 2.0


# --- errors


def rule_with(**methods: Any) -> hx.Rule:
    return type("Mine", (hx.Rule,), methods)()


WRONG = {
    "no_method": ({}, "Mine has no method targets"),
    "shape": ({"targets": lambda self, Z, w: Z[0]}, r"Mine.targets at layer 0 has shape \(2,\)"),
    "words": (
        {"targets": lambda self, Z, w: [["a", "b"]] * len(Z)},
        "Mine.targets at layer 0 is not an array",
    ),
    "ragged": (
        {"targets": lambda self, Z, w: [[1.0], [1.0, 2.0]]},
        "Mine.targets at layer 0 is not an array",
    ),
    "nothing": ({"targets": lambda self, Z, w: None}, "Mine.targets at layer 0 is not an array"),
    "nan": ({"targets": lambda self, Z, w: Z * np.nan}, "Mine.targets at layer 0: row 0, column 0 is nan"),
    "shape_of_scores": (
        {"targets": lambda self, Z, w: Z, "scores": lambda self, Z: Z},
        r"Mine.scores has shape \(5, 2\); return an array of shape \(5, 5\)",
    ),
    "nobody_to_follow": (
        {"targets": lambda self, Z, w: Z, "scores": lambda self, Z: np.full((len(Z), len(Z)), -np.inf)},
        "Mine.scores: the largest score of token 0 is -inf; let each token follow at least one",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_rule_returns_wrongly_is_named_in_one_line(case):
    methods, message = WRONG[case]
    with pytest.raises(InputError, match=message) as caught:
        hx.simulate(Z, rule_with(**methods), layers=2)
    assert "\n" not in str(caught.value)


def test_the_layer_of_a_wrong_target_is_named():
    targets = {"targets": lambda self, Z, w: Z * 2 if Z.max() < 2 else np.full_like(Z, np.inf)}
    with pytest.raises(InputError, match="at layer 3"):
        hx.simulate(Z, rule_with(**targets), layers=5)


def test_an_exception_of_the_rule_itself_passes_through():
    def targets(self, Z, weights):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        hx.simulate(Z, rule_with(targets=targets))


def test_a_rule_cannot_write_to_the_tokens():
    def targets(self, Z, weights):
        Z *= 2
        return Z

    with pytest.raises(ValueError, match="read-only"):
        hx.simulate(Z, rule_with(targets=targets))


# --- files

TOYS = [UpToItself(0.7, A=[[2.0, 0.3], [0.3, 1.0]]), Anchored(0.7, anchor=[0.5, -3.0], pull=0.125)]


def in_a_fresh_process(code: str, *arguments: str, path: Path | None = None) -> str:
    start = f"import sys; sys.path.insert(0, {str(path)!r})\n" if path else ""
    code = start + "import hardmax as hx, numpy as np, sys\n" + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("rule", TOYS, ids=lambda rule: type(rule).__name__)
def test_a_saved_rule_comes_back_in_a_fresh_process_with_its_module_on_the_path(tmp_path, rule):
    saved = hx.simulate(Z, rule, 4)
    saved.save(tmp_path / "t.npz")
    code = """
        loaded = hx.Trajectory.load(sys.argv[1])
        again = hx.simulate(loaded.positions[0], loaded.rule, 4)
        print(loaded.rule, (again.positions == loaded.positions).all())
    """
    assert in_a_fresh_process(code, str(tmp_path / "t.npz"), path=HERE) == f"{rule} True"


@pytest.mark.parametrize("rule", TOYS, ids=lambda rule: type(rule).__name__)
def test_a_saved_rule_is_plain_data_where_its_class_is_not_found(tmp_path, rule):
    saved = hx.simulate(Z, rule, 4)
    saved.save(tmp_path / "t.npz")
    code = """
        loaded = hx.Trajectory.load(sys.argv[1])
        same = loaded.rule == hx.Trajectory.load(sys.argv[1]).rule
        loaded.save(sys.argv[2])
        try:
            hx.simulate(loaded.positions[0], loaded.rule)
        except hx.InputError as error:
            print(same, loaded.rule.alpha, loaded.leaders(0).tolist(), error)
    """
    told = in_a_fresh_process(code, str(tmp_path / "t.npz"), str(tmp_path / "again.npz"))
    assert told == (
        f"True 0.7 {saved.leaders(0).tolist()} the class of the rule {type(rule).__name__} was not found "
        "in the module toy_rules; import or define it, then load the trajectory again"
    )
    again = hx.Trajectory.load(tmp_path / "again.npz")
    assert again.rule == rule
    np.testing.assert_array_equal(again.positions, saved.positions)


def saved_under(path: Path, module: str, name: str = "Mine") -> Path:
    """Save a trajectory whose file says that the class of its rule is elsewhere."""
    hx.simulate(Z, UpToItself(), 1).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    about = json.loads(str(arrays["about"]))
    about["rule"] |= {"module": module, "name": name}
    np.savez(path, **arrays | {"about": np.array(json.dumps(about))})
    return path


LEAVES_A_TRACE = (
    "from pathlib import Path\nPath(__file__).with_name('trace').touch()\nfrom hardmax import Rule\n"
)
NOT_RULES = {
    "no_such_class": LEAVES_A_TRACE + "class Other(Rule): pass",
    "a_class_of_nothing": LEAVES_A_TRACE + "class Mine: pass",
    "no_class": LEAVES_A_TRACE + "def Mine(**values): pass",
    "not_at_the_top": LEAVES_A_TRACE + "if True:\n    class Mine(Rule): pass",
    "no_python": LEAVES_A_TRACE + "class Mine(Rule) pass",
}


@pytest.mark.parametrize("kind", NOT_RULES)
def test_a_file_runs_no_module_but_those_that_define_its_rule(tmp_path, monkeypatch, kind):
    (tmp_path / f"{kind}_module.py").write_text(NOT_RULES[kind])
    monkeypatch.syspath_prepend(tmp_path)
    loaded = hx.Trajectory.load(saved_under(tmp_path / "t.npz", f"{kind}_module"))
    assert loaded.rule.name == "Mine" and not (tmp_path / "trace").exists()
    assert f"{kind}_module" not in sys.modules


def test_a_package_is_not_run_to_look_for_a_module_in_it(tmp_path, monkeypatch):
    package = tmp_path / "untouched_package"
    package.mkdir()
    (package / "__init__.py").write_text(LEAVES_A_TRACE)
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("untouched_package.none", "untouched_package"):
        assert hx.Trajectory.load(saved_under(tmp_path / "t.npz", module)).rule.module == module
    assert not (package / "trace").exists()


def test_a_rule_in_a_package_is_found(tmp_path, monkeypatch):
    package = tmp_path / "rules_of_mine" / "inner"
    package.mkdir(parents=True)
    (package / "file.py").write_text("import hardmax as hx\nclass Mine(hx.Rule): pass")
    monkeypatch.syspath_prepend(tmp_path)
    loaded = hx.Trajectory.load(saved_under(tmp_path / "t.npz", "rules_of_mine.inner.file"))
    assert type(loaded.rule).__name__ == "Mine"


def test_a_module_that_fails_leaves_the_rule_as_plain_data(tmp_path, monkeypatch):
    (tmp_path / "failing_module.py").write_text("import hardmax as hx\nclass Mine(hx.Rule): pass\n1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    assert hx.Trajectory.load(saved_under(tmp_path / "t.npz", "failing_module")).rule.name == "Mine"


@pytest.mark.parametrize(
    "module", ["", ".", "..", ".toy_rules", "no.such.module", "a\0b", "os", "os.path", "sys"]
)
@pytest.mark.parametrize("name", ["", ".", "system", "a.b", "__class__", "Mine.<locals>.Mine"])
def test_names_that_can_be_no_rule_are_plain_data_or_refused(tmp_path, module, name):
    try:
        loaded = hx.Trajectory.load(saved_under(tmp_path / "t.npz", module, name))
    except InputError as error:
        assert "is not a trajectory" in str(error)
    else:
        assert (loaded.rule.module, loaded.rule.name) == (module, name)


def test_a_rule_whose_parameters_no_file_can_hold_is_refused(tmp_path):
    @dataclass(frozen=True)
    class WithFunction(hx.Rule):
        kernel: Any = None

        def targets(self, Z, weights):
            return self.kernel(Z)

    class WithInit(hx.Rule):
        def __init__(self, reach):
            super().__init__(alpha=0.5)

        def targets(self, Z, weights):
            return Z

    for rule in (WithFunction(kernel=np.tanh), WithInit(reach=2)):
        trajectory = hx.simulate(Z, rule, layers=1)
        with pytest.raises(InputError, match=r"the rule .* cannot be written to a file"):
            trajectory.save(tmp_path / "t.npz")
        assert not (tmp_path / "t.npz").exists()


# --- the page that shows it


def test_the_page_on_rules_of_your_own_runs(tmp_path, monkeypatch, capsys):
    page = (HERE.parents[2] / "docs" / "own-rule.md").read_text(encoding="utf-8")
    script = "\n".join(re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL))
    script += '\nassert hx.Trajectory.load("first.npz").rule == ToFirst(alpha=0.5)\n'
    script += "Z = np.random.default_rng(0).normal(size=(40, 2))\n"
    script += "slow, fast = (hx.simulate(Z, kind(alpha=0.5), 20) for kind in (UpToItself, Causal))\n"
    script += "np.testing.assert_allclose(fast.positions, slow.positions, rtol=0, atol=1e-12)\n"
    script += "assert fast.leaders().tolist() == slow.leaders().tolist()\n"
    (tmp_path / "script.py").write_text(script)
    monkeypatch.chdir(tmp_path)
    runpy.run_path("script.py", run_name="__main__")
    assert capsys.readouterr().out.startswith("[0 1 2 3]")
