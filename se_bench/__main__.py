"""``python -m se_bench``: the program where no script of it is on the path."""

from se_bench.cli.main import main

if __name__ == "__main__":
    main()
