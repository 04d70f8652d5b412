"""The page on which people rate, for this machine only.

Every person has an address of their own, with a token that is made at the start; it shows what that person is to rate
and nothing else. The names of the systems never leave the server. A score is appended to ``answers.jsonl`` and synced
before the page is told that it is saved, so that closing the browser, or ending the server, loses nothing.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.api.loopback import LoopbackHandler, LoopbackServer, new_token, path_after
from harness.api.rating.looking import Looking
from harness.errors import DataError, HarnessError, UsageError
from harness.metrics.scores.foreign.campaign import ANSWERS, LIMITS, MANIFEST, load_manifest, read_answers
from harness.reports.rating import page_file, page_words
from harness.store.files import open_regular
from harness.types import ArticleId, JsonValue
from harness.workspace.languages import parse_pair

LONGEST_PAUSE = 120.0
"""Seconds between two answers: after more, nobody was rating."""

MOST_BYTES = 1_000
"""Of an answer: it has three numbers and letters."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class RatingServer(LoopbackServer):
    """Serves one campaign until it is shut down."""

    def __init__(self, folder: Path, port: int = 0, looking: Looking | None = None) -> None:
        """Listen, with all that was answered before.

        Args:
            folder: of a campaign for the page.
            port: 0 for any that is free.
            looking: looks at the ratings of a campaign that comes in looks.

        Raises:
            UsageError: the campaign is for another tool, or the port is taken.
            DataError: the campaign or its answers are damaged.
        """
        self.manifest = load_manifest(folder / MANIFEST, _read(folder / MANIFEST))
        if self.manifest["tool"] != "page":
            raise UsageError(
                f"{folder}: a campaign for {self.manifest['tool']}, not for the page",
                hint="to take its ratings back: harness rate --back",
            )
        self.pair = parse_pair(str(self.manifest["pair"]))
        self.cut_off = False
        """Whether the last answer was cut off, as by a power cut; it is gone."""
        self.tokens = {new_token(): str(rater) for rater in self.manifest["raters"]}
        self._answers = folder / ANSWERS
        self._lock, self._look_lock = threading.Lock(), threading.Lock()
        self._scores: dict[tuple[str, int, str], float | None] = {}
        self._moments: list[tuple[str, datetime]] = []
        self._looking = looking
        self._load()
        super().__init__(port, _Handler)
        self.look()

    @property
    def urls(self) -> Mapping[str, str]:
        """Where each person rates."""
        return {rater: self.address_of(token) for token, rater in self.tokens.items()}

    def items(self, rater: str) -> list[Any]:
        """What a person is shown."""
        items = list(self.manifest["items"][rater])
        if self._looking is None:
            return items
        shown = self._looking.handout.articles
        return [item for item in items if article_of(item["id"]) in shown]

    @property
    def more(self) -> bool:
        """Whether articles may still come that are not shown yet."""
        return self._looking is not None and self._looking.handout.looks.end == "open"

    def look(self) -> None:
        """Look at the ratings, if people have rated everything that is out; then more is shown, or that was all."""
        with self._look_lock:
            while self._looking is not None and self.more and all(done == of for done, of in self.progress().values()):
                try:
                    self._looking.look()
                except HarnessError as error:  # the ratings are kept, and the next start looks again
                    self._looking.tell(str(error))
                    return

    def progress(self) -> Mapping[str, tuple[int, int]]:
        """Segments that each person has rated, and all of theirs."""
        done: dict[str, tuple[int, int]] = {}
        for rater in self.tokens.values():
            items = self.items(rater)
            rated = [
                all(self._scores.get((rater, index, letter)) is not None for letter in item["texts"])
                for index, item in enumerate(items)
            ]
            done[rater] = sum(rated), len(items)
        return done

    def paces(self) -> Mapping[str, float]:
        """Articles an hour of each person who has rated a whole one; pauses count :data:`LONGEST_PAUSE` at most."""
        paces: dict[str, float] = {}
        for rater in self.tokens.values():
            moments = sorted(moment for name, moment in self._moments if name == rater)
            spent = sum(min((b - a).total_seconds(), LONGEST_PAUSE) for a, b in pairwise(moments))
            articles: dict[str, list[bool]] = {}
            for index, item in enumerate(self.items(rater)):
                rated = all((rater, index, letter) in self._scores for letter in item["texts"])
                articles.setdefault(article_of(item["id"]), []).append(rated)
            done = sum(map(all, articles.values()))
            if done and spent:
                paces[rater] = done * 3600 / spent
        return paces

    def task(self, rater: str) -> dict[str, JsonValue]:
        """The same for the page, with the scores so far and without the key."""
        shown: list[JsonValue] = []
        for index, item in enumerate(self.items(rater)):
            scores = {letter: self._scores.get((rater, index, letter)) for letter in item["texts"]}
            given: dict[str, JsonValue] = {letter: score for letter, score in scores.items() if score is not None}
            kept = {name: item[name] for name in ("title", "before", "source", "after", "texts")}
            shown.append({**kept, "language": self.pair.target, "scores": given})
        return {"words": page_words(self.pair), "items": shown, "more": self.more}

    def record(self, rater: str, answer: object) -> None:
        """Keep an answer for good.

        Raises:
            ValueError: it is none of what this person is shown, or no score from 0 to 100.
            OSError: it cannot be written.
        """
        if not isinstance(answer, dict):
            raise ValueError("not an answer")  # noqa: TRY004 - of the page, not of the program
        index, letter, score = answer.get("item"), answer.get("letter"), answer.get("score")
        items = self.items(rater)
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(items):
            raise ValueError("no such segment")
        if not isinstance(letter, str) or letter not in items[index]["texts"]:
            raise ValueError("no such translation")
        if isinstance(score, bool) or not isinstance(score, int | float) or not LIMITS[0] <= score <= LIMITS[1]:
            raise ValueError("not a score from 0 to 100")
        now = datetime.now(UTC)
        at = now.isoformat(timespec="seconds")
        line = {"rater": rater, "item": index, "letter": letter, "score": score, "at": at}
        with self._lock:
            with self._answers.open("ab") as stream:
                stream.write(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
                stream.flush()
                os.fsync(stream.fileno())
            self._scores[rater, index, letter] = float(score)
            self._moments.append((rater, now))

    def _load(self) -> None:
        content = _read(self._answers) if self._answers.exists() else b""
        whole, newline, tail = content.rpartition(b"\n")
        if tail:
            self.cut_off = True
            with self._answers.open("r+b") as stream:
                stream.truncate(len(whole) + len(newline))
        for where, answer in read_answers(self._answers, whole + newline):
            rater, index, letter = answer["rater"], answer["item"], answer["letter"]
            if rater not in self.tokens.values() or index >= len(self.items(rater)):
                raise DataError(f"{where}: the campaign has no such translation")
            self._scores[rater, index, letter] = answer["score"]
            with suppress(KeyError, TypeError, ValueError):  # answers need not say when they were given
                self._moments.append((rater, datetime.fromisoformat(answer["at"]).astimezone(UTC)))


def article_of(segment: object) -> ArticleId:
    """Of the identifier of a segment, ``article:number``."""
    return ArticleId(str(segment).rpartition(":")[0])


def _read(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}", hint="name the folder of a campaign") from error


class _Handler(LoopbackHandler):
    server: RatingServer
    headers_of_answers = HEADERS

    def answer(self) -> None:
        """A file of the page, or what one person is to rate."""
        rater, address = self._inside()
        if rater is None:
            self._refuse()
        elif address == "task.json":
            self.send(HTTPStatus.OK, json.dumps(self.server.task(rater)).encode(), "application/json")
        elif (found := page_file(address)) is not None:
            self.send(HTTPStatus.OK, *found)
        else:
            self.send(HTTPStatus.NOT_FOUND, b"there is no such page\n", "text/plain")

    def receive(self) -> None:
        """One answer."""
        rater, address = self._inside()
        origin = self.headers.get("Origin")
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        length = self.headers.get("Content-Length", "")
        if rater is None or (origin is not None and origin not in {f"http://{host}" for host in self.server.hosts()}):
            self._refuse()
        elif address != "answers":
            self.send(HTTPStatus.NOT_FOUND, b"there is no such page\n", "text/plain")
        elif kind != "application/json":
            self.send(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, b"send JSON\n", "text/plain")
        elif not (length.isascii() and length.isdigit()) or int(length) > MOST_BYTES:
            self.close_connection = True
            self.send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"too long\n", "text/plain")
        else:
            self._record(rater, self.rfile.read(int(length)))

    def _record(self, rater: str, body: bytes) -> None:
        try:
            self.server.record(rater, json.loads(body))
        except (ValueError, RecursionError) as error:
            self.send(HTTPStatus.BAD_REQUEST, f"{error}\n".encode(), "text/plain")
        except OSError as error:
            self.send(HTTPStatus.INSUFFICIENT_STORAGE, f"{error.strerror}\n".encode(), "text/plain")
        else:
            self.send(HTTPStatus.OK, b"{}\n", "application/json")
            self.server.look()

    def _inside(self) -> tuple[str | None, str]:
        """Who asks, and for what; nobody where the token is missing or wrong."""
        path = urlsplit(self.path).path
        for token, rater in self.server.tokens.items():
            if (rest := path_after(token, path)) is not None:
                return rater, rest.removeprefix("/")
        return None, ""

    def _refuse(self) -> None:
        self.close_connection = True
        self.send(HTTPStatus.FORBIDDEN, b"open the address that `harness rate` printed, with its token\n", "text/plain")
