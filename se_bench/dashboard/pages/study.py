"""``/study/NAME``: accuracy against cost with everything that the reader may choose, and the trials in a table."""

from __future__ import annotations

from se_bench.config.load import load_dashboard
from se_bench.dashboard.page import parts
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages import chosen, front, panels, trials
from se_bench.dashboard.pages.heading import MAIN, heading
from se_bench.dashboard.question import keys
from se_bench.dashboard.state import read


def build(site: Site, study: str, search: str) -> Shown:
    """The controls as the address says, and empty places for the figure, the table and the other panels."""
    head = site.reader.head(study)
    values, notices = read(search, keys(head))
    dashboard = load_dashboard(MAIN)
    own = next((panel for panel in dashboard.panels if panel.figure == front.FIGURE), None)
    return Shown(
        title=study,
        trail=((study, site.href("study", study)),),
        content=[
            *parts.stores(subject={"study": study}, mark=site.reader.watermark(study), keys=keys(head), values=values),
            *heading(site, head, here=MAIN),
            *parts.notices(notices),
            front.section(head, values, own, chosen.places(values["sel"])),
            trials.section(site, head, values),
            *panels.frames(MAIN, [(place, each) for place, each in enumerate(dashboard.panels) if each is not own]),
        ],
    )
