"""The command line: its commands, how it ends, and one line for whatever is wrong.

Exit status: 0 done; 1 nobody reads the output any more; 2 the input is wrong, said in one line; 130 stopped
with Ctrl-C.
"""

import contextlib
import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import hardmax
from hardmax.errors import InputError, MissingExtraError

try:
    import typer

    from hardmax.cli import data, dynamics, experiments, explain, models, train
except ModuleNotFoundError as error:
    sys.stderr.write(f"hardmax: {MissingExtraError(error.name or 'typer')}\n")
    sys.exit(2)

# The help is plain text: rich's boxes drop what does not fit into a narrow window.
app = typer.Typer(name="hardmax", add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
for command in (
    dynamics.simulate,
    data.download,
    data.preprocess,
    train.train,
    models.evaluate,
    models.predict,
    explain.explain,
    experiments.reproduce,
    experiments.study,
):
    app.command()(command)

#: What click raises for wrong arguments; typer keeps click under changing names.
_CLICK_ERROR: Any = typer.BadParameter.__mro__[2]
#: Errors of writing; those of files name them, or are an `InputError` that does.
_NOT_WRITTEN = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO, errno.EBADF)
_STOPPED = 130  # what shells give for Ctrl-C, and newer typers too


def _print_version(asked: bool) -> None:
    if asked:
        print(f"hardmax {hardmax.__version__}")  # noqa: T201
        raise typer.Exit


@app.callback()
def hardmax_command(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Simulate token dynamics under hardmax self-attention, and train classifiers that show their reasons."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what the user did wrong is said in one line, never as a traceback."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: nothing is lost
    for name in ("stdin", "stdout", "stderr"):  # None where the shell closed it
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):  # a word that the terminal cannot show is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = app(arguments or ["--help"], prog_name="hardmax", standalone_mode=False)
        sys.stdout.flush()
    except (InputError, MissingExtraError) as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        _fail(str(MissingExtraError(error.name or str(error))))
    except _CLICK_ERROR as error:
        _fail(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        status = _STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        place = error.filename or ("standard output" if error.errno in _NOT_WRITTEN else "a file")
        _fail(f"{place}: {error.strerror or error}")
    except (MemoryError, RuntimeError) as error:
        # torch raises a RuntimeError for want of memory.
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        _fail("there is not enough memory; give fewer or smaller tokens, layers or reviews")
    if status == _STOPPED:
        sys.stderr.write("hardmax: stopped\n")
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str) -> NoReturn:
    with contextlib.suppress(OSError):  # nobody can be told, but the status
        sys.stderr.write(f"hardmax: {' '.join(message.split())}\n")
    sys.exit(2)
