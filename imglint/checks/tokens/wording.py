"""What rules about tokens say in the same words."""

from __future__ import annotations

from collections.abc import Sequence

from imglint.model.scopes import Scope
from imglint.model.tokenrequest import TokenRequest, Way

FORM = "https://github.com/settings/tokens/new"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part)


def beside(others: Sequence[Scope]) -> str:
    """The scopes that are named after the worst one, worded to follow it."""
    if not others:
        return ""
    return f" and {listed([each.name for each in others])}" if len(others) == 1 else f" and {len(others)} more"


def form(scopes: Sequence[str], host: str = "") -> str:
    """The address of the form for a new token with these scopes ticked."""
    address = f"https://{host}/settings/tokens/new" if host else FORM
    return f"{address}?scopes={','.join(scopes)}"


def instead(request: TokenRequest, needed: Sequence[str]) -> str:
    """What to ask for."""
    if request.for_more:
        return f"if it has other uses, ask for two tokens, this one for images\n{form(needed, request.host)}"
    if request.way is Way.LINK:
        return f"link to a form that ticks no more\n{form(needed, request.host)}"
    if request.way is Way.WORDS:
        return f"name no more, and link to the form: by itself it ticks `repo`, too\n{form(needed)}"
    if request.way is Way.GH:
        return f"ask for no more\n--scopes {','.join(needed)}"
    return f"ask for no more\nscope={'%20'.join(needed)}"
