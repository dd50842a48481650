"""What is logged: names of events, ids, lengths; a JSON object a line on standard error. Never what people wrote."""

import logging
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import structlog

from knowledge.errors import WeakerWarning

ALLOWED = frozenset({
    "event", "level", "timestamp", "logger", "channel", "kind", "length", "parcel", "wait", "tries", "reason",
    "error", "where", "line", "channels", "status", "method", "count", "took_ms", "id", "code", "state", "team",
})  # fmt: skip
"""Fields that may be logged. A field that somebody adds in haste is left out, with its name as a hint."""


def set_up(level: int = logging.INFO) -> None:
    """Send structlog and the standard library's loggers through the same sieve."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _sieve,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Names(logging.WARNING)], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    _let_through(WeakerWarning)
    threading.excepthook = _of_a_thread
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # What keeps it from starting is told in words.


def _let_through(ours: type[Warning]) -> None:
    """Log warnings of one kind in their own words. Python shows each of them once."""
    others = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **how: Any) -> None:
        if issubclass(category, ours):
            structlog.get_logger().warning(str(message))
        else:
            others(message, category, *where, **how)

    warnings.showwarning = show


def _of_a_thread(args: threading.ExceptHookArgs) -> None:
    """Log that a thread broke, and of what kind."""
    structlog.get_logger().error("thread", error=args.exc_type.__name__)


def _sieve(_logger: object, _method: str, fields: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Let known fields through; of an exception only its kind and place."""
    found = {name: value for name, value in fields.items() if name in ALLOWED}
    hidden = sorted(set(fields) - ALLOWED - {"exc_info"})
    if hidden:
        found["hidden"] = hidden
    return found


class _Names(logging.Handler):
    """Passes on which library said something and how grave it was: its text may quote what people wrote."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log where it came from."""
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else record.levelname.lower()
        structlog.get_logger().warning("library", where=record.name, line=record.lineno, kind=kind)


def where(error: BaseException) -> str:
    """Return an error's kind and place; its text may quote what people wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + place


def quiet(library: str) -> None:
    """Keep a library from printing what went wrong with the words in which it did."""
    logger = logging.getLogger(library)
    if not logger.handlers:
        logger.addHandler(_Names())
        logger.propagate = False
