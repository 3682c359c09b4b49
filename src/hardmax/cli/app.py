"""The command line: its commands, how it ends, and one line for whatever is wrong.

Exit status: 0 done; 1 nobody reads the output any more; 2 the input is wrong, said in one line; 130 stopped
with Ctrl-C.
"""

import contextlib
import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import hardmax
from hardmax.errors import InputError, MissingExtraError, one_line

try:
    import typer

    from hardmax.cli import data, dynamics, experiments, explain, models, train
except ModuleNotFoundError as error:
    sys.stderr.write(f"hardmax: {MissingExtraError(error.name or 'typer')}\n")
    sys.exit(2)

# The help is plain text: rich's boxes drop what does not fit into a narrow window.
# In a narrow window typer would cut the commands' sentences off; of its full width nothing is lost.
app = typer.Typer(
    name="hardmax",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"terminal_width": 80},
)
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
    if isinstance(sys.stdout, io.TextIOWrapper):  # a word that the terminal cannot show is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if any("\0" in each for each in arguments):  # which no shell can give, and no file can be named
            raise InputError("an argument holds a NUL character; leave it out")
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
    except Exception as error:
        # torch raises a RuntimeError for want of memory.
        if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "memory" in str(error)):
            _fail("there is not enough memory; give fewer or smaller tokens, layers or reviews")
        if (package := _package_loaded(error)) is None:
            raise
        _fail(f"the package {package} cannot be loaded: {error}")
    if status == _STOPPED:
        _say("stopped")
    sys.exit(status if isinstance(status, int) else 0)


def _package_loaded(error: Exception) -> str | None:
    """Return the package that was being imported when the error was raised, as by a wrong environment."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    modules = [frame.f_globals.get("__name__") for frame in frames if frame.f_code.co_name == "<module>"]
    return str(modules[-1]).partition(".")[0] if modules else None


def _fail(message: str) -> NoReturn:
    _say(message)
    sys.exit(2)


def _say(message: str) -> None:
    with contextlib.suppress(OSError):  # nobody can be told
        sys.stderr.write(f"hardmax: {one_line(message)}\n")
        sys.stderr.flush()
