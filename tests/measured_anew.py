"""Look for two new measures everywhere in a copy of the product, and print where they stand.

``python measured_anew.py COPY REGISTRY SOURCE``: run in a process of its own, since the codebook
is read once.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from datetime import date
from pathlib import Path

COPY, REGISTRY, SOURCE = (Path(one) for one in sys.argv[1:])
sys.path.insert(0, str(COPY))
os.chdir(COPY)
os.environ["KYPHO_REGISTRY"] = str(REGISTRY)

from streamlit.testing.v1 import AppTest  # noqa: E402

from data.ingest import accept, check, propose, read_raw  # noqa: E402
from pages.shared.panels import FOLDS, SPOKEN, fold_key  # noqa: E402
from queries.__main__ import main  # noqa: E402

PLACES = {
    "trajectory": ("outcomes/trajectories.py", {"measure": "vitality"}),
    "change": ("outcomes/trajectories.py", {"measure": "vitality", "view": "change"}),
    "waterfall": ("outcomes/trajectories.py", {"measure": "vitality", "view": "waterfall"}),
    "observed": ("outcomes/trajectories.py", {"measure": "vitality", "view": "observed"}),
    "subgroups": ("outcomes/subgroups.py", {"measure": "vitality"}),
    "films": ("imaging/alignment.py", {"measure": "gibbus"}),
    "held": ("imaging/alignment.py", {"measure": "gibbus", "view": "held"}),
    "patient": ("patients/patient.py", {}),
    "patient films": ("patients/patient.py", {"view": "films"}),
    "quality": ("registry/quality.py", {}),
    "methods": ("about/methods.py", {}),
}


def seen(page: str, params: dict[str, str]) -> str:
    """Return everything that a page says, its charts in words included."""
    app = AppTest.from_file(str(COPY / "pages" / "frame.py"), default_timeout=60)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    for fold in FOLDS:
        app.session_state[fold_key(fold)] = True
    app.switch_page(page).run()
    assert not app.exception, page
    parts = [*app.markdown, *app.caption, *app.info]
    said = [str(part.value) for part in parts]
    said += [node.proto.body for node in app.get("html") if SPOKEN in node.proto.body]
    options = [[*one.options] for one in (*app.selectbox, *app.button_group)]
    return "\n".join([*said, *(str(one) for one in options)])


def asked(*arguments: str) -> object:
    """Return what the command prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main([*arguments, "--json"])
    return json.loads(out.getvalue())


checked = check(SOURCE)
accept(checked, REGISTRY)
sheet = SOURCE.with_name("sheet.csv")
sheet.write_text(
    "Pat.-Nr.;OP-Datum;Wirbel;Vitality prä;Vitality 3M\n"
    "1;03.02.2021;L1;40;60\n2;04.02.2021;L2;41;7\n",
    encoding="utf-8",
)
day = date(2026, 11, 25)
found = {
    "findings": [[one.column, one.rule, one.value] for one in checked.findings],
    "proposed": [one.becomes for one in propose(read_raw(sheet, day), day).evidence],
    "scores": asked("trajectory", "--measure", "vitality"),
    "levels": asked("alignment", "--measure", "gibbus"),
    "pages": {name: seen(page, params) for name, (page, params) in PLACES.items()},
}
print(json.dumps(found))
