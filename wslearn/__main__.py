"""``python -m wslearn``: the command line where its script is not on the path."""

from wslearn.cli import main

if __name__ == "__main__":
    main(prog_name="wslearn")
