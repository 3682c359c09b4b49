"""``python -m hardmax``: the command line."""

from hardmax.cli.app import main

main()
