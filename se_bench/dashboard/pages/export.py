"""Soon."""

from se_bench.dashboard.pages import lost


def build(site, *rest):
    return lost.build(site, "soon")


def register(site):
    pass
