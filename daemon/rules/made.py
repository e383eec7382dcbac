"""Rules that were made by calls instead of files: kept in the table `definition`, part of the rules in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loguru import logger

from daemon.rules.loading import Loaded
from daemon.store.store import Store
from dsl.source import Source

PREFIX = "call:"  # of their names, as files have theirs


def made_by_calls(store: Store) -> tuple[Source, ...]:
    """Of each definition the newest text, in the order in which they were made."""
    with store.reader() as reader:
        rows = reader.rows(
            "SELECT name, rules FROM definition WHERE id IN (SELECT max(id) FROM definition GROUP BY name) ORDER BY id"
        )
    return tuple(Source(f"{PREFIX}{row['name']}", str(row["rules"])) for row in rows if row["rules"])


def with_made(
    load: Callable[[Sequence[Source]], Loaded], files: Loaded, made: tuple[Source, ...]
) -> tuple[Loaded, tuple[Source, ...]]:
    """The files together with as much of what calls made as still fits: the files have changed since, perhaps.

    What does not fit is said and left out: volexd has to start. Its definition stays in the database.
    """
    while made:
        loaded = load(made)
        if loaded.program is not None:
            return loaded, made
        logger.error(
            "what a call made does not fit the rules any more, and is left out\n{}", loaded.as_text()
        )
        wrong = {finding.span.file for finding in loaded.errors}
        left = tuple(source for source in made if source.name not in wrong)
        made = left if len(left) < len(made) else ()
    return files, ()
