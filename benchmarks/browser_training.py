"""Training in headless Chromium: how long a run takes, at one go and in slices of 8 ms.

    python -m benchmarks.browser_training                               # starts app.py
    python -m benchmarks.browser_training --url http://127.0.0.1:8501   # a server that runs already

A run at one go has the loss on all the data at every step, one in slices at 301 steps. The first
time is that of a fresh page, whose code has never run.
"""

from benchmarks.browser import open_page, parser
from dashboard.charts.wire import sent_settings
from dashboard.server.assets import address_of
from minibatch_core import DataSettings, Settings, TrainSettings

AT_ONE_GO = {
    "default, 200 steps": TrainSettings(),
    "MSE, 1,000 steps": TrainSettings(epochs=250),
    "BCE, each epoch, 1,000 steps": TrainSettings(epochs=250, loss="bce", shuffle="each_epoch"),
    "full batch, each epoch, 1,000 steps": TrainSettings(
        batch_size=100, epochs=1000, shuffle="each_epoch"
    ),
}
IN_SLICES = {
    "N=1,000, B=1, 200,000 steps": (1000, TrainSettings(batch_size=1, epochs=200)),
    "N=10,000, B=100, BCE, 100,000 steps": (
        10_000,
        TrainSettings(batch_size=100, epochs=1000, loss="bce", shuffle="each_epoch"),
    ),
    "N=10,000, B=5,000, 400 steps": (10_000, TrainSettings(batch_size=5000, epochs=200)),
}

TIMES = """async ([folder, settings, repeats, slice]) => {
  const { planOf } = await import(`${folder}/plan.js`)
  const { Trainer } = await import(`${folder}/training.js`)
  const times = []
  for (let k = 0; k < repeats; k++) {
    const start = performance.now()
    const plan = planOf(settings)
    const planned = performance.now()
    const trainer = new Trainer(plan, slice ? 301 : Infinity)
    let longest = 0
    for (let run = null; !run;) {
      const begun = performance.now()
      run = trainer.advance(slice ? begun + slice : Infinity)
      longest = Math.max(longest, performance.now() - begun)
    }
    times.push([planned - start, performance.now() - planned, longest])
  }
  return times
}"""


def main() -> None:
    options = parser(__doc__).parse_args()
    jobs = [(name, Settings(train=train), 40, 0) for name, train in AT_ONE_GO.items()]
    jobs += [
        (name, Settings(DataSettings(n=n), train), 5, 8) for name, (n, train) in IN_SLICES.items()
    ]
    with open_page(options.url) as (page, url):
        folder = f"{url}/{address_of('')}".rstrip("/")
        for name, settings, repeats, piece in jobs:
            page.goto(url)
            page.locator("[data-chart=data] .main-svg").first.wait_for(timeout=60_000)
            times = page.evaluate(TIMES, [folder, sent_settings(settings), repeats, piece])
            first, (plan, train, longest) = times[0], map(sorted, zip(*times, strict=True))
            middle = repeats // 2
            slices = f", longest slice {longest[middle]:.1f} ms" if piece else ""
            print(
                f"{name}: plan {plan[middle]:.1f} ms, training {train[middle]:.1f} ms"
                f"{slices}; first {first[0]:.1f} + {first[1]:.1f} ms"
            )


if __name__ == "__main__":
    main()
