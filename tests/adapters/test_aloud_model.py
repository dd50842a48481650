"""For once with everything real but the platform and the model's mind: from a model's stream to Slack's."""

from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.channels.slack import SlackChannel
from adapters.channels.slack_text import markdown
from adapters.post import Place
from adapters.services.jobs import Jobs
from adapters.services.store import Lane
from adapters.wiring import Nakodo
from bot.settings import Settings
from tests.adapters.channels.slack_house import House, settings
from tests.adapters.memory import Hall, account, open_hall, open_jobs, until
from tests.servers.model import ScriptedModel
from tests.servers.slack import LocalSlack

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
QUESTION = "NDAを結ぶ前に、図面はどこまで見せていいですか"


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with ScriptedModel("good+steady") as server:
        yield server


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as local:
        yield local


class Talk:
    """A channel on Slack, and the house behind it."""

    def __init__(self, slack: LocalSlack, hall: Hall) -> None:
        self.slack, self.hall = slack, hall
        self.sato = slack.add_user("佐藤")
        self.room = slack.add_channel("joint", [self.sato])
        self.place = Place(key=f"slack:{slack.team.id}:{self.room}")

    async def asks(self, jobs: Jobs) -> None:
        asked = self.slack.message(self.sato, f"@nakodo {QUESTION}", channel=self.room).ts
        who = account(1, "佐藤").model_copy(update={"key": f"slack:{self.slack.team.id}:{self.sato}"})
        await jobs.receive(self.hall.happens.said(who, f"@nakodo {QUESTION}", self.place, message=asked))
        lane = Lane("default", f"lobby:{self.place.key}")
        await until(lambda: not self.hall.mail.waits(lane) and not self.hall.mail.unsent(lane))
        await until(lambda: not self.hall.mail.previewed)


@pytest.fixture
async def talk(
    tmp_path: Path, home: Path, model: ScriptedModel, slack: LocalSlack
) -> AsyncIterator[tuple[Talk, Jobs]]:
    """A house with the real composer and guard, by words alone."""
    given = {"embeddings": "none", "model": "openai:scripted", "model_url": model.url, "model_key": SecretStr("k")}
    nakodo = Nakodo(Settings(home=home, **given))  # type: ignore[arg-type]
    hall = open_hall(tmp_path, **given)
    hall.houses.append(nakodo.house)
    channel = SlackChannel(settings(slack), House().receive)
    await channel.start()
    hall.channels["slack"] = channel  # type: ignore[assignment]
    jobs = open_jobs(hall)
    await jobs.start()
    yield Talk(slack, hall), jobs
    await jobs.stop()
    await channel.stop()
    hall.store.close()


async def test_what_a_model_writes_is_seen_as_far_as_the_guard_let_it_through(
    talk: tuple[Talk, Jobs], model: ScriptedModel
) -> None:
    talked, jobs = talk
    await talked.asks(jobs)
    (posted,) = talked.slack.posted(talked.room)
    ((said,),) = talked.hall.rows("SELECT text FROM deliveries WHERE kind = 'answer'")
    assert posted["streaming_state"] == "completed"
    assert posted["text"] == markdown(str(said).strip("\n"))
    pieces = [one.args["markdown_text"] for one in talked.slack.calls_of("chat.appendStream")]
    assert pieces, "something was seen while it was made"
    assert posted["text"].startswith("".join(pieces))
    assert talked.slack.calls_of("chat.update") == []
    times = [one.at for one in talked.slack.calls_of("chat.appendStream")]
    assert all(later - sooner > 0.9 for sooner, later in pairwise(times))
    assert len(model.asked) == 1


async def test_where_the_playbook_speaks_after_all_nothing_of_the_model_is_left(
    talk: tuple[Talk, Jobs], model: ScriptedModel
) -> None:
    talked, jobs = talk
    model.behave = "good+hangs-up-middle"
    await talked.asks(jobs)
    (posted,) = talked.slack.posted(talked.room)
    ((said,),) = talked.hall.rows("SELECT text FROM deliveries WHERE kind = 'answer'")
    marked = [block["text"] for block in posted["blocks"] if block["type"] == "markdown"]
    assert (marked or [posted["text"]]) == [markdown(str(said).strip("\n"))]
    assert posted.get("streaming_state") in (None, "completed")
