"""Our partial transport plan beside POT's, forward and backward, in turn in one call.

    python Testing/benchmarks/partial_transport.py

The loss is -mean log P_ii over 128 pairs with uniform marginals, mass .95 and reg .03, on costs from 512-d
embeddings at three stages of a training: random, half aligned, aligned. POT runs on its torch backend, once
as it is called by default (it stops only at 1e-100, so it does all of its 1000 iterations) and once
stopped at 50. Ours is run twice too: with its default tolerance, and stopped as soon as its plan is as good as
POT's after 50 iterations. Two measures say how good a plan is, and ours has to be at least as good in
both, up to rounding: "violation", the L1 distance by which row sums, column sums and total miss their
bounds, and "distance", the L1 distance from the solution (which ours finds with Newton steps to 1e-12 where
it can; POT's thousand iterations come nearer to it the further they go). Medians of seven. The exit code
is 0 if ours is 10 times faster than the default and not slower than 50 iterations, in both types.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import ot
import torch
from torch import Tensor
from torch.nn import functional

from med3dtrain.alignment.transport import Stopping, TransportPlan, partial_plan

PAIRS, WIDTH, REG, MASS, RUNS = 128, 512, 0.03, 0.95, 7
LEAST_BESIDE_DEFAULT, LEAST_BESIDE_50 = 10.0, 1.0
STAGES = {"random": 0.0, "half aligned": 1.0, "aligned": 3.0}
"""How much of the pair's own direction is added to random embeddings."""


def cost_of_stage(share: float, dtype: torch.dtype) -> Tensor:
    """Distances over their maximum, as the paper divides them."""
    generator = torch.Generator().manual_seed(0)
    common, left, right = torch.randn(3, PAIRS, WIDTH, dtype=dtype, generator=generator)
    distances = torch.cdist(
        functional.normalize(share * common + left, dim=-1), functional.normalize(share * common + right, dim=-1)
    )
    return distances / distances.max()


def pot_plan(cost: Tensor, iterations: int) -> Tensor:
    a = torch.full((PAIRS,), 1.0 / PAIRS, dtype=cost.dtype)
    return ot.partial.entropic_partial_wasserstein(a, a, cost, REG, m=MASS, numItermax=iterations)


def violation(plan: Tensor) -> float:
    over_rows = (plan.sum(-1) - 1.0 / PAIRS).clamp_min(0.0).sum()
    over_columns = (plan.sum(-2) - 1.0 / PAIRS).clamp_min(0.0).sum()
    return float(over_rows + over_columns + (plan.sum() - MASS).abs())


def distance(plan: Tensor, best: Tensor) -> float:
    return float((plan.double() - best).abs().sum())


def best_plan(cost: Tensor) -> Tensor:
    return partial_plan(cost.double(), REG, MASS, stopping=Stopping(1e-12, 500, 5)).log.exp()


def forward_and_backward(plan_of: Callable[[Tensor], Tensor], cost: Tensor) -> Tensor:
    """The plan; plan_of gives its logarithm's diagonal something to pull at."""
    cost = cost.clone().requires_grad_()
    log_plan = plan_of(cost)
    (-log_plan.diagonal().mean()).backward()
    return log_plan.detach().exp()


def as_good_as(other: Tensor, cost: Tensor, best: Tensor) -> int:
    """The fewest iterations after which our plan is as good as another one by both measures."""
    rounding = 20.0 * torch.finfo(cost.dtype).eps
    most = violation(other) + rounding, distance(other, best) + rounding
    for iterations in range(1, 500):
        plan = ours(cost, Stopping(0.0, iterations)).log.exp()
        if violation(plan) <= most[0] and distance(plan, best) <= most[1]:
            return iterations
    raise RuntimeError("ours did not become as good in 500 iterations")


def ours(cost: Tensor, stopping: Stopping) -> TransportPlan:
    return partial_plan(cost, REG, MASS, stopping=stopping)


def main() -> int:
    print(f"{torch.get_num_threads()} threads, B = {PAIRS}, reg {REG}, mass {MASS}; ms forward and backward")
    print(f"{'':<24}{'':<24}{'ms':>9}{'violation':>11}{'distance':>10}{'times faster':>17}")
    met = True
    for dtype in (torch.float64, torch.float32):
        for stage, share in STAGES.items():
            cost = cost_of_stage(share, dtype)
            best = best_plan(cost)
            enough = as_good_as(pot_plan(cost, 50), cost, best)
            ways: dict[str, Callable[[Tensor], Tensor]] = {
                "POT, default": lambda x: pot_plan(x, 1000).log(),
                "POT, 50 iterations": lambda x: pot_plan(x, 50).log(),
                "ours, default": lambda x: ours(x, Stopping()).log,
                f"ours, {enough} iterations": lambda x, n=enough: ours(x, Stopping(0.0, n)).log,
            }
            times: dict[str, list[float]] = {name: [] for name in ways}
            plans: dict[str, Tensor] = {}
            for _ in range(RUNS):
                for name, way in ways.items():
                    started_at = time.perf_counter()
                    plans[name] = forward_and_backward(way, cost)
                    times[name].append(1e3 * (time.perf_counter() - started_at))
            default, stopped, own, equal = (median(values) for values in times.values())
            ratios = ("", "", f"{default / own:.0f} x default", f"{stopped / equal:.1f} x 50")
            for name, ratio in zip(ways, ratios, strict=True):
                kind = f"{str(dtype).removeprefix('torch.')}, {stage}"
                quality = f"{violation(plans[name]):11.1e}{distance(plans[name], best):10.1e}"
                print(f"{kind:<24}{name:<24}{median(times[name]):9.1f}{quality}{ratio:>17}")
            met &= default / own >= LEAST_BESIDE_DEFAULT and stopped / equal >= LEAST_BESIDE_50
    print("aims met" if met else "aims NOT met")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
