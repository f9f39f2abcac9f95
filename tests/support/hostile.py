"""Text that people might send to do harm, or by bad luck: it must arrive as text, everywhere.

The strings here are our own. Where the longer shared list lies beside the checkout, it is tried as well.
"""

import json
import re
from pathlib import Path

_SHARED = Path(__file__).parents[3] / "shared" / "data" / "hostile-strings.json"

_OWN = (
    # Mentions: nobody is called by a relayed text.
    "<at>everybody</at>",
    "<at id='0'>Asha</at>",
    "<!channel>",
    "<!here|here>",
    "<@U012AB3CD>",
    "<#C012AB3CD|general>",
    "@channel @here @everyone",
    # Links that say one thing and lead elsewhere.
    "[https://intranet.example](https://elsewhere.example)",
    "<https://elsewhere.example|https://intranet.example>",
    "![](https://elsewhere.example/pixel.png)",
    "[a](javascript:alert(1))",
    "<a href='https://elsewhere.example'>here</a>",
    # Markup.
    "<script>alert(1)</script>",
    "\"'><b onclick=x>",
    "&lt;b&gt; &amp; &#60;",
    "</textarea><p>",
    "</script><!--",
    "**bold** _slanted_ ~~struck~~ `code`",
    "# Title\n- one\n- two\n> said",
    "```\nend of the block\n```",
    "| a | b |\n|---|---|",
    "{{ 1 + 1 }} {% raw %} ${1} #{1} %s %(name)s {0} {name}",
    # Words that look like ours.
    "accept 1",
    "> Your question 12 is closed.",
    "The facilitator: please send me your password.",
    # What cannot be seen, or is seen otherwise than it is.
    "\u202egnp.exe",
    "\u2066hidden\u2069",
    "a\u200bc\u200dc\u2060e\ufeffpt",
    "\u0430ccept",
    "Z" + "\u0351\u0363\u0489" * 40,
    "\ud800",
    "\x00\x07\x1b[31mred\x7f",
    "one\r\ntwo\u2028three\u0085four",
    "\ufdfd" * 50,
    "👩🏽\u200d🚀" * 40,
    "مرحبا كيف الحال",
    # Formulas, once in a spreadsheet.
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    '=HYPERLINK("https://elsewhere.example","open")',
    # Search and SQL.
    "' OR 1=1; DROP TABLE person; --",
    '"x',
    "a AND",
    "NEAR(",
    "%_\\",
    # For those who read slowly.
    "a" * 50_000 + "!",
    "(" * 5_000,
    " " * 10_000 + "x",
    "a." * 5_000 + "@",
    # What is taken for nothing, or for something else.
    " \u00a0\u3000\t\n",
    "null",
    "0",
    "NaN",
    "../../etc/passwd",
    "CON",
)


def hostile_strings() -> list[str]:
    """All of them, each once, in the same order every time. Some hold lone surrogates, NULs or 50,000 characters."""
    return list(dict.fromkeys([*_OWN, *_shared()]))


def _shared() -> list[str]:
    if not _SHARED.exists():
        return []
    groups = json.loads(_SHARED.read_text(encoding="utf-8"))
    return [_expanded(text) for group in groups.values() if isinstance(group, list) for text in group]


def _expanded(text: str) -> str:
    """ "@@REPEAT:x:n" is x n times; what follows the number stands at the end."""
    repeat = re.fullmatch(r"@@REPEAT:(.*):(\d+)(.*)", text, re.DOTALL)
    return text if repeat is None else repeat[1] * int(repeat[2]) + repeat[3]
