"""Sweeps: how long 4,000 runs take, and what two of them do to someone who moves a slider.

python -m benchmarks.sweep                               # starts app.py
python -m benchmarks.sweep --url http://127.0.0.1:8501   # a server that runs already
"""

import os
import statistics
import time
from functools import partial

import numpy as np
from playwright.sync_api import Page

from benchmarks.browser import open_page, parser
from benchmarks.interaction import key_presses, open_playground
from minibatch_core import TrainSettings, make_dataset, summarise, train_many

SWEEPING = "/sweep?runs_sweep=50&sxn_sweep=60&syn_sweep=60&ep_sweep=30"
"""A sweep that goes on for minutes."""


def four_thousand_runs() -> None:
    data = make_dataset()
    sizes = np.unique(np.rint(np.geomspace(1, 100, 24)))[:20]
    settings = [
        TrainSettings(
            optimizer="sgd",
            lr=float(lr),
            batch_size=int(size),
            epochs=100,
            shuffle="each_epoch",
            seed=seed,
        )
        for size in sizes
        for lr in np.geomspace(0.01, 10.0, 20)
        for seed in range(10)
    ]
    keep = partial(summarise, target=0.1)
    train_many(data, settings[:10], keep)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        train_many(data, settings, keep)
        times.append(time.perf_counter() - started)
    cores = os.cpu_count()
    print(f"{len(settings):,} runs of 100 epochs, N=100, {cores} cores: median of 5, s")
    print(f"{statistics.median(times):.2f} ({min(times):.2f} to {max(times):.2f})")


def answer(page: Page, url: str) -> float:
    """From a key press on the Playground until all of the server's answer is drawn, median, ms."""
    open_playground(page, url, "")
    _, complete = key_presses(page, 15)
    return statistics.median(complete)


def main() -> None:
    options = parser(__doc__).parse_args()
    four_thousand_runs()
    with open_page(options.url) as (page, url):
        alone = answer(page, url)
        browser = page.context.browser
        assert browser
        sweeping = [browser.new_page(bypass_csp=True) for _ in range(2)]
        for other in sweeping:
            other.goto(url + SWEEPING)
            other.get_by_role("button", name="Stop").wait_for(timeout=60_000)
        beside = answer(page, url)
        running = [other.get_by_role("button", name="Stop").count() for other in sweeping]
    print("key press on the Playground to the complete picture, median of 15, ms")
    print(
        f"alone {alone:.0f}, beside {sum(running)} sweeps {beside:.0f}: {beside / alone:.2f} times"
    )


if __name__ == "__main__":
    main()
