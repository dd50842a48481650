# Two stages: the first does what `make setup` does, the second carries only the result, and runs as nobody in particular.

FROM python:3.12-slim AS build
# gcc: on processors other than x86-64 the embedding model's engine is compiled.
RUN apt-get update && apt-get install --yes --no-install-recommends make gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
ENV NAKODO_HOME=/data
RUN make setup

FROM python:3.12-slim
# libgomp1: the engine's threads.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 nakodo
COPY --from=build --chown=nakodo /data /data
COPY --from=build /app /app
WORKDIR /app
ENV NAKODO_HOME=/data PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER nakodo
VOLUME /data
ENTRYPOINT ["nakodo"]
CMD ["chat"]
