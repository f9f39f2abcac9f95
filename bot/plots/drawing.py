"""Plots drawn offline (vl-convert), off the event loop, one at a time, and each once."""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.metadata import version
from typing import Final, TypeVar

from bot.plots.plot import Spec

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds until a page is shown without a picture: its table says the same."""
# Drawing takes a tenth of a second of one core: a second thread would only take it from the chat.
_PEN = ThreadPoolExecutor(max_workers=1, thread_name_prefix="plots")


async def svg(spec: Spec) -> bytes | None:
    """The plot as SVG; None when it could not be drawn in time."""
    return await _drawn(_svg, _packed(spec))


async def png(spec: Spec) -> bytes | None:
    """The plot as PNG of twice the pixels, for chat and e-mail."""
    return await _drawn(_png, _packed(spec))


async def _drawn(draw: Callable[[str], bytes], packed: str) -> bytes | None:
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(_PEN, draw, packed), PATIENCE)
    except Exception as error:
        # What it says may quote the figures, which are told to the reader alone.
        log.error("a plot was not drawn: %s", type(error).__name__)
        return None


def _packed(spec: Spec) -> str:
    return json.dumps(spec, ensure_ascii=False, sort_keys=True)


# Loaded where it is used: it carries a browser's engine, and a bot that draws nothing does without.
@lru_cache(maxsize=256)
def _svg(packed: str) -> bytes:
    import vl_convert

    # No address is fetched, whatever a specification says.
    return vl_convert.vegalite_to_svg(packed, allowed_base_urls=[]).encode()


@lru_cache(maxsize=64)
def _png(packed: str) -> bytes:
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(packed, scale=2, allowed_base_urls=[]))


VERSION: Final = version("vl-convert-python")


async def bundle() -> bytes:
    """Vega, Vega-Lite and Vega-Embed as one script that fetches nothing, from vl-convert: the very versions that draw
    here."""
    return await asyncio.get_running_loop().run_in_executor(_PEN, _bundle)


@lru_cache(maxsize=1)
def _bundle() -> bytes:
    import vl_convert

    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode()
