"""How fast the engine is next to the same work done otherwise: medians, in one run.

    python -m benchmarks.engine

The notebook's loop is DataLoader + autograd + torch.optim. The C loop is the kernel's arithmetic
written by hand (gcc -O3), for Adam on the MSE.
"""

import ctypes
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np

from minibatch_core import (
    DataSettings,
    TrainSettings,
    loss_surface,
    make_batches,
    make_dataset,
    train,
    train_torch,
)
from minibatch_core.engine.initialisation import draw_start
from minibatch_core.engine.training import _train_kernel
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS, STATE_SIZE

C_LOOP = r"""
#include <math.h>
void train(const double *x, const double *y, const int *indices, const long *offsets, long steps,
           double lr, double beta1, double beta2, double eps, double *w_path, double *b_path,
           double *batch_loss) {
    double w = w_path[0], b = b_path[0], mw = 0, mb = 0, vw = 0, vb = 0;
    for (long t = 0; t < steps; t++) {
        double total = 0, gw = 0, gb = 0, size = offsets[t + 1] - offsets[t];
        for (long k = offsets[t]; k < offsets[t + 1]; k++) {
            int i = indices[k];
            double z = w * x[i] + b, e = exp(-fabs(z));
            double p = z >= 0 ? 1 / (1 + e) : e / (1 + e);
            double slope = 2 * (p - y[i]) * p * (1 - p);
            total += (p - y[i]) * (p - y[i]);
            gw += slope * x[i];
            gb += slope;
        }
        gw /= size;
        gb /= size;
        double scale = sqrt(1 - pow(beta2, t + 1)), step = lr / (1 - pow(beta1, t + 1));
        mw += (1 - beta1) * (gw - mw);
        mb += (1 - beta1) * (gb - mb);
        vw = beta2 * vw + (1 - beta2) * gw * gw;
        vb = beta2 * vb + (1 - beta2) * gb * gb;
        w -= step * mw / (sqrt(vw) / scale + eps);
        b -= step * mb / (sqrt(vb) / scale + eps);
        batch_loss[t] = total / size;
        w_path[t + 1] = w;
        b_path[t + 1] = b;
    }
}
"""


def median_ms(work: Callable[[], object], runs: int = 15) -> float:
    work()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3


def c_loop(folder: Path) -> Callable[..., None]:
    source, library = folder / "loop.c", folder / "loop.so"
    source.write_text(C_LOOP)
    options = ["-O3", "-march=native", "-shared", "-fPIC", "-lm"]
    command = ["gcc", str(source), "-o", str(library), *options]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library)).train


def training_rows() -> Iterator[tuple[str, float]]:
    data = make_dataset()
    settings = TrainSettings(batch_size=10, epochs=100, shuffle="each_epoch")
    seeds = count(1)
    notebook = median_ms(lambda: train_torch(data, settings, device="cpu"), runs=5)
    known = median_ms(lambda: train(data, settings))
    fresh = median_ms(
        lambda: train(
            data,
            TrainSettings(batch_size=10, epochs=100, shuffle="each_epoch", seed=next(seeds)),
        )
    )
    yield "notebook's loop, 1,000 steps (N=100, B=10, 100 epochs, Adam)", notebook
    yield f"train, order known ({notebook / known:,.0f} times as fast)", known
    yield f"train, fresh seed ({notebook / fresh:,.0f} times as fast)", fresh
    yield from kernel_rows()
    many = TrainSettings(batch_size=1, epochs=100, shuffle="each_epoch")
    thousand = make_dataset(DataSettings(n=1000))
    yield "train, 100,000 steps (N=1000, B=1, 100 epochs)", median_ms(lambda: train(thousand, many))


def kernel_rows() -> Iterator[tuple[str, float]]:
    data = make_dataset()
    settings = TrainSettings(batch_size=10, epochs=100, shuffle="each_epoch")
    batches = make_batches(100, settings)
    path = np.empty((2, len(batches) + 1))
    path[:, 0] = draw_start(settings)[:2]
    batch_loss = np.empty(len(batches))
    h = np.array([settings.lr, *settings.hyperparameters.values()], dtype=np.float64)
    codes = LOSSES.code("mse"), OPTIMIZERS.code("adam"), h
    parts = data.x, data.y, batches.indices, batches.offsets
    filled = np.empty(0), path, batch_loss, np.empty((0, 2, STATE_SIZE))
    kernel = median_ms(lambda: _train_kernel(*parts, *codes, *filled), runs=101)
    compiled_path = path.copy()
    with tempfile.TemporaryDirectory() as folder:
        loop = c_loop(Path(folder))
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in parts]
        numbers = [ctypes.c_double(value) for value in (0.05, 0.9, 0.999, 1e-8)]
        rows = [row.ctypes.data_as(ctypes.c_void_p) for row in (*path, batch_loss)]
        steps = ctypes.c_long(len(batches))
        plain_c = median_ms(lambda: loop(*pointers, steps, *numbers, *rows), runs=101)
    assert np.abs(path - compiled_path).max() < 1e-9, "the C loop should do the same arithmetic"
    yield "plain C loop, the same 1,000 steps", plain_c
    yield f"the kernel alone ({kernel / plain_c:.2f} times the C loop's time)", kernel


def surface_rows() -> Iterator[tuple[str, float]]:
    w, b = np.linspace(-4, 6, 61), np.linspace(-6, 4, 61)
    for n in (100, 10_000):
        data = make_dataset(DataSettings(n=n))

        def broadcast(x: np.ndarray = data.x, y: np.ndarray = data.y) -> np.ndarray:
            p = 1 / (1 + np.exp(-(w[:, None, None] * x + b[None, :, None])))
            return np.square(y - p).mean(axis=-1)

        slow = median_ms(broadcast, runs=3)
        fast = median_ms(lambda: loss_surface(data, w, b))  # noqa: B023
        assert np.abs(broadcast() - loss_surface(data, w, b)).max() < 1e-12
        yield f"full surface 61 x 61, N={n:,}, numpy broadcast", slow
        yield f"loss_surface ({slow / fast:.1f} times as fast)", fast


def main() -> None:
    print(f"{'what':<68}{'median ms':>12}")
    for what, milliseconds in (*training_rows(), *surface_rows()):
        print(f"{what:<68}{milliseconds:>12.3f}")


if __name__ == "__main__":
    main()
