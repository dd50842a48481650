"""Measure ours beside what a LangChain user would pick: `make bench`, or `make bench SQUAD=file.json`.

Everything runs in one process on one machine, with the same texts, the same embedding model and the same questions.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from langchain_chroma import Chroma
from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from adapters.wiring import Bar, Nakodo
from bot.asking import Question
from bot.settings import load_settings
from knowledge.embedder import E5
from knowledge.hybrid import Passage, open_passage_search
from knowledge.tokens import words
from tests.bench import model
from tests.evals.questions import CASES

CACHE = Path(".cache/bench")
ASKED = 1000
"""Questions drawn from a SQuAD-style file, with random.seed(0)."""
DEEP = 60
"""Documents that a baseline returns, so that several of one card do not crowd out the others."""

Ranker = Callable[[str], list[int]]


class Asked(NamedTuple):
    """A question and the numbers of what answers it."""

    question: str
    wanted: frozenset[int]


class E5Embeddings(Embeddings):
    """Our embedding model as LangChain wants it."""

    def __init__(self) -> None:
        self._e5 = E5()

    def embed_query(self, text: str) -> list[float]:
        return self._e5.embed_query(text)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        found: list[list[float]] = []
        with Bar("Embedding for LangChain") as bar:
            for start in range(0, len(texts), 32):
                found += self._e5.embed_documents(texts[start : start + 32])
                bar(len(found), len(texts))
        return found


def main() -> None:
    """Print all tables; with `channels`, those of the chats instead, with `pages` those of the pages,
    with `model` that of a language model.
    """
    if sys.argv[1:2] == ["channels"]:
        from tests.bench.channels import main as channels

        channels(sys.argv[2:])
        return
    if sys.argv[1:2] == ["pages"]:
        from tests.bench.pages import main as pages

        pages(sys.argv[2:])
        return
    nakodo = Nakodo(load_settings())
    if sys.argv[1:2] == ["model"]:
        model.main(nakodo)
        return
    ours(nakodo)
    if len(sys.argv) > 1:
        squad(Path(sys.argv[1]))
    answers(nakodo)
    model.main(nakodo)
    cold()


def ours(nakodo: Nakodo) -> None:
    """Our questions: which card comes first."""
    library = nakodo.library
    slugs = [set(card.front.covers) for card in library.cards.values()]
    number = {card: n for n, card in enumerate(library.order)}
    cases = [json.loads(line) for line in (CASES / "aside.jsonl").read_text(encoding="utf-8").splitlines()]
    asked = [
        Asked(case["question"], frozenset(n for n, covers in enumerate(slugs) if covers & set(case["expect"])))
        for case in cases
        if case["expect"]
    ]
    documents = [
        Document(text, metadata={"number": number[card.id]})
        for card in library.cards.values()
        for text in (card.ja.text, card.en.text)
    ]
    rankers: dict[str, Ranker] = {
        "ours": lambda question: [number[card] for card in nakodo.search.find(question).cards],
        **baselines(documents),
    }
    print(f"\n{len(asked)} questions kept aside, {len(documents)} texts of cards; ours knows the asks as well")
    table(rankers, asked)


def squad(path: Path) -> None:
    """A SQuAD-style file: which paragraph comes first, ties counted against us."""
    passages, pairs = read_squad(path)
    random.seed(0)
    asked = [Asked(question, frozenset([n])) for question, n in random.sample(pairs, min(ASKED, len(pairs)))]
    with Bar(f"Embedding {path.name}") as bar:
        search = open_passage_search(passages, E5(), CACHE, name="squad", progress=bar)

    def rank(question: str) -> list[int]:
        scores = search.scores(question)
        # A tie must not help: among equals the wanted one comes last.
        wanted = next((one.wanted for one in asked if one.question == question), frozenset())
        last = np.array([n in wanted for n in range(len(passages))])
        return list(np.lexsort((last, -scores)))

    documents = [Document(f"{p.title} {p.text}", metadata={"number": n}) for n, p in enumerate(passages)]
    print(f"\n{path.name}: {len(asked)} questions, {len(passages)} paragraphs")
    table({"ours": rank, **baselines(documents)}, asked)


def read_squad(path: Path) -> tuple[list[Passage], list[tuple[str, int]]]:
    """Return paragraphs, and questions with the number of their paragraph."""
    passages: list[Passage] = []
    pairs: list[tuple[str, int]] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            title, mark, text = paragraph["context"].partition(" [SEP] ")
            pairs += [(qa["question"], len(passages)) for qa in paragraph["qas"]]
            passages.append(Passage(title, text) if mark else Passage(article.get("title", ""), title))
    return passages, pairs


def baselines(documents: Sequence[Document]) -> dict[str, Ranker]:
    """What LangChain's own parts give."""
    listed = list(documents)
    chroma = Chroma(embedding_function=E5Embeddings(), collection_name=f"bench-{len(listed)}")
    for start in range(0, len(listed), 5000):
        chroma.add_documents(listed[start : start + 5000])
    vectors = chroma.as_retriever(search_kwargs={"k": DEEP})
    default = BM25Retriever.from_documents(listed, k=DEEP)
    sudachi = BM25Retriever.from_documents(listed, k=DEEP, preprocess_func=words)
    both = EnsembleRetriever(retrievers=[sudachi, vectors], weights=[0.3, 0.7])
    named = {
        "LangChain Chroma (e5)": vectors,
        "LangChain BM25, default": default,
        "LangChain BM25, Sudachi": sudachi,
        "LangChain ensemble": both,
    }
    return {name: ranker(retriever) for name, retriever in named.items()}


def ranker(retriever: Any) -> Ranker:
    """Return a ranking of numbers from a retriever's documents."""

    def rank(question: str) -> list[int]:
        return list(dict.fromkeys(document.metadata["number"] for document in retriever.invoke(question)))

    return rank


def table(rankers: dict[str, Ranker], asked: Sequence[Asked]) -> None:
    """Print quality and latency of each."""
    print(f"{'':28}{'R@1':>8}{'R@3':>8}{'MRR@10':>8}{'p50 ms':>8}{'p95 ms':>8}")
    for name, rank in rankers.items():
        ranks, times = [], []
        for one in asked:
            start = time.perf_counter()
            found = rank(one.question)
            times.append((time.perf_counter() - start) * 1000)
            ranks.append(next((place for place, n in enumerate(found[:10], 1) if n in one.wanted), None))
        first, three = (share(place is not None and place <= most for place in ranks) for most in (1, 3))
        mrr = share(1 / place if place else 0 for place in ranks)
        p50, p95 = np.percentile(times, [50, 95])
        print(f"{name:28}{first:>8.3f}{three:>8.3f}{mrr:>8.3f}{p50:>8.1f}{p95:>8.1f}", flush=True)


def share(values: Iterable[float]) -> float:
    """Return the mean."""
    listed = list(values)
    return sum(listed) / max(1, len(listed))


def answers(nakodo: Nakodo) -> None:
    """A warm turn, and the memory it takes in this process."""
    cases = [json.loads(line) for line in (CASES / "aside.jsonl").read_text(encoding="utf-8").splitlines()][:200]
    questions = [Question(id=case["id"], question=case["question"]) for case in cases]
    times = [one.put_to(nakodo.playbook).ms for one in questions]
    p50, p95 = np.percentile(times, [50, 95])
    print(f"\nA whole answer, warm: p50 {p50:.0f} ms, p95 {p95:.0f} ms")


def cold() -> None:
    """From a cold process to the first answer, and its memory."""
    command = [sys.executable, "-m", "adapters.cli", "ask", "NDAの前に図面を見せてもいい？", "--json"]
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
        times.append(time.perf_counter() - start)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
    print(f"nakodo ask from a cold process: {sorted(times)[2]:.2f} s (median of 5), {memory:.0f} MB at most")


if __name__ == "__main__":
    main()
