"""`channel`: where notices go."""

from __future__ import annotations

from dsl.expressions import Constant, Expression
from dsl.program import Channel
from dsl.resolve.clauses import read_body
from dsl.resolve.known import Declared
from dsl.resolve.scope import Scope
from dsl.resolve.settings import settings_of
from dsl.resolve.site import Site
from dsl.suggest import closest
from dsl.vocabulary.channel import SCHEMES

_SECRETS = Scope(secrets=True)


def resolve_channel(site: Site, declared: Declared) -> Channel | None:
    body = read_body(site, declared.clause, ("channel",))
    settings = settings_of(site, _SECRETS, body.said)
    said = body.one("url")
    if settings is None or not body.sound or said is None:
        return None
    url = dict(settings).get("url")
    node = said.match.node("url")
    if url is None or node is None or not _can_be_sent_to(site, url, (node.start, node.end)):
        return None
    return Channel(declared.name, settings)


def _can_be_sent_to(site: Site, url: Expression, where: tuple[int, int]) -> bool:
    """A secret is not known now; everything else is looked at."""
    text = url.value if isinstance(url, Constant) else None
    if not isinstance(text, str):
        return True
    scheme, colon, rest = text.partition(":")
    if colon and scheme in SCHEMES and (rest or scheme == "log"):
        return True
    near = closest(scheme, SCHEMES) if colon else None
    known = ", ".join(f"{one}:" for one in SCHEMES)
    help_ = f"did you mean `{near}:`?" if near else f"this version sends to {known}"
    site.report("V309", f"nothing can be sent to `{text}`", where, help=help_)
    return False
