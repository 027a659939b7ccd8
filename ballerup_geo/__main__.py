"""``python -m ballerup_geo``: the same as ``ballerup-geo``."""

from ballerup_geo.cli import main

if __name__ == "__main__":
    main()
