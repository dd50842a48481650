"""What a partnership's pages read from the store, however long the talk is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import event, text

from adapters.channels.web.partnership_view import News
from adapters.services.store.tables import DeliveryRow, MessageRow
from tests.adapters.memory import AT, ROOM, SATO
from tests.adapters.web.conftest import Browser, SiteApp

HERE = f"/p/{quote(ROOM, safe='')}"


def talks(site_app: SiteApp, *words: str) -> None:
    for one in words:
        site_app.clock.on(minutes=1)
        site_app.hall.hears(site_app.hall.happens.said(SATO, one))


def news(site_app: SiteApp, browser: Browser, after: int = 0) -> News:
    assert browser.viewer is not None
    return News(site_app.site, browser.viewer, ROOM, after)


def fill(site_app: SiteApp, many: int) -> None:
    """Let the two sides have said this much, and Nakodo an answer to every tenth word."""
    with site_app.hall.store.engine.begin() as connection:
        first = connection.execute(text("SELECT sequence FROM rooms WHERE id = :room"), {"room": ROOM}).scalar_one()
        rows: list[dict[str, Any]] = [
            {"room": ROOM, "n": first + n, "id": f"F{first + n}", "who": ("佐藤", "Lee")[n % 2],
             "side": ("sme", "startup")[n % 2], "at": str((AT + timedelta(minutes=n)).replace(tzinfo=None))}
            for n in range(1, many + 1)
        ]  # fmt: skip
        spoken, answers = [one for one in rows if one["n"] % 10], [one for one in rows if not one["n"] % 10]
        connection.execute(
            text(
                "INSERT INTO messages (tenant, room, sequence, id, sender, side, at, text, private, forgotten) "
                "VALUES ('default', :room, :n, :id, :who, :side, :at, 'その件は来週までに確かめます', 0, 0)"
            ),
            spoken,
        )
        connection.execute(
            text(
                'INSERT INTO deliveries (tenant, room, sequence, "to", kind, text, citations, choices, '
                "in_reply_to, at) VALUES ('default', :room, :n, 'room', 'answer', '承知', '[]', '[]', :id, :at)"
            ),
            answers,
        )
        connection.execute(text("UPDATE rooms SET sequence = :n WHERE id = :room"), rows[-1])  # fmt: skip


@contextmanager
def counted(site_app: SiteApp) -> Iterator[dict[str, int]]:
    """Count the statements, and the rows of the timeline that are read."""
    found = {"statements": 0, "rows": 0}

    def stated(*_: object) -> None:
        found["statements"] += 1

    def read(*_: object) -> None:
        found["rows"] += 1

    engine = site_app.hall.store.engine
    event.listen(engine, "before_cursor_execute", stated)
    for kind in (MessageRow, DeliveryRow):
        event.listen(kind, "load", read)
    yield found
    event.remove(engine, "before_cursor_execute", stated)
    for kind in (MessageRow, DeliveryRow):
        event.remove(kind, "load", read)


PAGES = ("", "/record", "/pictures", "/minutes.md", "/dates.ics", "/live")


def cost_of(site_app: SiteApp, leads: Browser, rest: str) -> tuple[int, int]:
    """Return how many statements and rows of the timeline a page costs; of a live one, its first news."""
    with counted(site_app) as found:
        if rest == "/live":
            last = site_app.hall.rows(f"SELECT sequence FROM rooms WHERE id = '{ROOM}'")[0][0]
            news(site_app, leads, int(str(last)))()
        else:
            assert leads.get(HERE + rest).status_code == 200
    return found["statements"], found["rows"]


def test_a_partnership_of_20000_messages_costs_no_more_to_open_than_one_of_200(site_app: SiteApp) -> None:
    leads, costs = site_app.facilitator(), []
    for more in (200, 5_800, 14_000):
        fill(site_app, more)
        costs.append({rest: cost_of(site_app, leads, rest) for rest in PAGES})
    small, middle, large = costs
    assert {rest: one[0] for rest, one in small.items()} == {rest: one[0] for rest, one in large.items()}
    # From some hundreds on, what is read does not grow at all.
    assert middle == large
    assert small[""][1] <= large[""][1] <= 240
    assert [large[rest][1] for rest in ("/record", "/minutes.md", "/dates.ics")] == [0, 0, 0]


def test_the_whole_talk_is_taken_along_in_as_many_queries_however_long_it_is(site_app: SiteApp) -> None:
    leads, costs = site_app.facilitator(), []
    for more in (200, 5_800):
        fill(site_app, more)
        with counted(site_app) as found:
            lines = leads.get(f"{HERE}/export.md?talk=1").text.count("確かめます")
        costs.append(found["statements"])
    assert lines == 5_400  # Nakodo answered every tenth.
    assert costs[0] == costs[1]


def test_a_long_private_talk_does_not_make_the_page_slow_or_hide_what_lies_before_it(site_app: SiteApp) -> None:
    leads, costs = site_app.facilitator(), []
    talks(site_app, "はじめの言葉")
    last = site_app.hall.rows("SELECT max(sequence) FROM messages")[0][0]
    for more in (2_000, 4_000):
        fill(site_app, more)
        with site_app.hall.store.engine.begin() as connection:
            connection.execute(text(f"UPDATE messages SET private = 1 WHERE sequence > {last}"))
            connection.execute(text(f"UPDATE deliveries SET \"to\" = '佐藤' WHERE sequence > {last}"))
        costs.append(cost_of(site_app, leads, ""))
    assert costs[0] == costs[1]
    assert costs[0][1] <= 1_000
    path, seen = HERE, ""
    while path:
        page = leads.get(path).text
        assert "その件は来週" not in page
        seen += page
        earlier = re.search(r'href="([^"]*\?before=\d+)"', page)
        path = earlier[1] if earlier else ""
    assert "はじめの言葉" in seen
