"""What a check worked out, for the next one: a reload and an editor read again only what was changed.

Nothing here may change what a check finds: the same texts give the same program and the same findings with and without it
(`tests/dsl/test_memory.py`). Each part is the business of the module that uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dsl.lexicon import Lexicon, lexicon
from dsl.moulds import Moulds
from dsl.vocabulary.word import Vocabulary

if TYPE_CHECKING:
    from dsl.files import FileRead
    from dsl.judged import Judged
    from dsl.resolve.declarations import Heads
    from dsl.resolve.remembered import Past


class Memory(msgspec.Struct):
    """Of one rule set, checked again and again with one vocabulary; not for two checks at the same time.

    `moulds` are trees of blocks without their values. `files` and `heads` by the file's name; `past` is what its rules were resolved to,
    `judged` what lints and proofs made of it.
    """

    moulds: Moulds = msgspec.field(default_factory=Moulds)
    vocabulary: Vocabulary | None = None
    lexicon: Lexicon | None = None
    files: dict[str, FileRead] = msgspec.field(default_factory=dict)
    heads: dict[str, Heads] = msgspec.field(default_factory=dict)
    past: Past | None = None
    judged: Judged | None = None

    def words(self, vocabulary: Vocabulary) -> Lexicon:
        """The vocabulary, arranged for looking up. Under other words nothing means what it meant, and all is forgotten."""
        if self.lexicon is None or vocabulary is not self.vocabulary:
            self.vocabulary, self.lexicon = vocabulary, lexicon(vocabulary)
            self.files, self.heads, self.past, self.judged = {}, {}, None, None
        return self.lexicon
