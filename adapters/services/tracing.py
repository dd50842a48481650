"""OpenTelemetry spans, where OTEL_EXPORTER_OTLP_ENDPOINT says who collects them. They carry ids, counts and times.

Without that variable nothing is imported. With it, spans go out by OTLP over gRPC from a provider of our own: what
other libraries trace, which may hold what people wrote, has no part in it.
"""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span as OpenSpan
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

ALLOWED = frozenset({
    "model", "prompt", "tenant", "room", "use", "end", "tokens_in", "tokens_out", "ms", "tries", "way", "remote",
    "passages", "sentences", "kept", "cards", "count", "kind", "channel", "id", "length",
})  # fmt: skip
"""What a span may carry. Anything else is left out: it might be what somebody wrote."""
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PATIENCE = 2.0

Value = str | int | float | bool


class Span:
    """A piece of work that is being traced, or is not."""

    def __init__(self, behind: "OpenSpan | None" = None) -> None:
        self._behind = behind

    def note(self, **values: Value) -> None:
        """Write down ids, counts and the like; strings are cut short."""
        if self._behind is None:
            return
        for name, value in values.items():
            if name in ALLOWED:
                self._behind.set_attribute(f"nakodo.{name}", value[:120] if isinstance(value, str) else value)


class Tracing:
    """Where spans go."""

    def __init__(self) -> None:
        self._provider: TracerProvider | None = None
        self._lock = threading.Lock()

    def to(self, exporter: "SpanExporter") -> None:
        """Send spans to an exporter from now on."""
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(
            resource=Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", "nakodo")}),
            shutdown_on_exit=False,
        )
        provider.add_span_processor(BatchSpanProcessor(exporter))
        self._provider = provider
        atexit.register(self.close)

    def flush(self) -> bool:
        """Send what waits, and say whether that worked."""
        return self._provider is not None and self._provider.force_flush(int(_PATIENCE * 1000))

    def close(self) -> None:
        """Send what is left, if it can be sent soon."""
        provider, self._provider = self._provider, None
        if provider is not None:
            # A collector that is gone must not keep the process from ending.
            ending = threading.Thread(target=provider.shutdown, daemon=True)
            ending.start()
            ending.join(_PATIENCE)

    @contextmanager
    def span(self, name: str, **values: Value) -> Iterator[Span]:
        """Trace a piece of work; spans within it belong to it. An error is noted by its kind alone."""
        self._prepare()
        if self._provider is None:
            yield Span()
            return
        from opentelemetry.trace import Status, StatusCode

        tracer = self._provider.get_tracer("nakodo")
        with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as behind:
            span = Span(behind)  # type: ignore[arg-type]  # Ours is the SDK's.
            span.note(**values)
            try:
                yield span
            except BaseException as error:
                behind.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def _prepare(self) -> None:
        if self._provider is not None or not any(os.environ.get(name) for name in _ENDPOINTS):
            return
        with self._lock:
            if self._provider is None:
                from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

                self.to(OTLPSpanExporter())


TRACING = Tracing()
span = TRACING.span
