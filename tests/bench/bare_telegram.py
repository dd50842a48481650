"""python-telegram-bot's own first example: it says what was said. Run by `python -m tests.bench channels`."""

import logging
import os

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text(update.message.text)


if __name__ == "__main__":
    logging.getLogger("httpx").setLevel(logging.WARNING)
    url = os.environ["TELEGRAM_API_URL"]
    app = Application.builder().token(os.environ["TELEGRAM_BOT_TOKEN"]).base_url(f"{url}/bot").build()
    app.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    app.run_polling()
