"""A bot as Bolt's first page shows it: it says what was said. Run by `python -m tests.bench channels`."""

import os
import sys
from typing import Any

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
bolt = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])
handler = AsyncSlackRequestHandler(bolt)


@bolt.event("message")
async def echo(event: dict[str, Any], say: Any) -> None:
    await say(event["text"])


@bolt.event("app_mention")
async def mentioned() -> None:
    """The same text comes as a message as well."""


async def events(request: Request) -> Response:
    return await handler.handle(request)


async def ready(_request: Request) -> Response:
    return JSONResponse({"ready": True})


if __name__ == "__main__":
    app = Starlette(routes=[Route("/slack/events", events, methods=["POST"]), Route("/ready", ready)])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
