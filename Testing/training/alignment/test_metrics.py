"""Metrics start as the Euclidean distance, stay metrics whatever they learn, and never give NaN."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from med3dtrain.alignment.distances import euclidean_distances
from med3dtrain.alignment.metrics import METRICS, build_metric

WIDTH = 12


def points(rows, columns, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rows, WIDTH, generator=generator, dtype=dtype), torch.randn(
        columns, WIDTH, generator=generator, dtype=dtype
    )


def matrix_of(metric):
    """M, from how the metric moves the unit vectors."""
    moved = metric.project(torch.eye(WIDTH))
    return moved @ moved.mT


@pytest.mark.parametrize("name", sorted(METRICS))
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_metric_starts_as_the_euclidean_distance(name, dtype):
    torch.manual_seed(0)
    x, y = points(9, 7, dtype=dtype)
    y[0] = x[0] + 1e-5
    x, y = functional.normalize(x, dim=-1), functional.normalize(y, dim=-1)
    straight = torch.cdist(x.double(), y.double(), compute_mode="donot_use_mm_for_euclid_dist")
    assert (build_metric(name, WIDTH)(x, y) - straight).abs().max() < 1e-6


@pytest.mark.parametrize("name", ["diagonal", "low_rank", "full"])
def test_distances_are_those_of_the_quadratic_form(name):
    torch.manual_seed(1)
    metric = build_metric(name, WIDTH).double()
    for parameter in metric.parameters():
        parameter.data = torch.randn_like(parameter)
    x, y = points(6, 5, dtype=torch.float64)
    learnt = dict(metric.named_parameters())
    matrix = {
        "diagonal": lambda scale: scale.square().diag(),
        "low_rank": lambda scale, directions: scale.square().diag() + directions @ directions.mT,
        "full": lambda factor: factor @ factor.mT,
    }[name](**learnt)
    difference = x[:, None] - y[None]
    expected = torch.einsum("rcd,de,rce->rc", difference, matrix, difference).sqrt()
    torch.testing.assert_close(metric(x, y), expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", ["diagonal", "low_rank", "full"])
def test_ten_thousand_random_states_give_no_nan(name):
    """Values and gradients, with parameters from 1e-20 to 1e6, and embeddings that are equal or nearly so."""
    generator = torch.Generator().manual_seed(0)
    metric, states = METRICS[name](4), 10_000

    def drawn(*shape):
        return torch.randn(states, *shape, generator=generator)

    def size(smallest, largest):
        exponents = smallest + (largest - smallest) * torch.rand(states, generator=generator)
        return 10.0**exponents

    sizes = size(-20.0, 6.0)
    parameters = {
        key: torch.einsum("s,s...->s...", sizes, drawn(*parameter.shape))
        for key, parameter in metric.named_parameters()
    }
    x = drawn(3, 4)
    y = x.clone()
    y[:, 0] += (size(-12.0, 0.0) * (torch.arange(states) % 2))[:, None] * drawn(4)

    def distances_and_gradients(parameters, x, y):
        def total(parameters, x):
            distances = torch.func.functional_call(metric, parameters, (x, y))
            return distances.sum(), distances

        gradients, distances = torch.func.grad(total, argnums=(0, 1), has_aux=True)(parameters, x)
        return distances, gradients[1], *gradients[0].values()

    found = torch.vmap(distances_and_gradients)(parameters, x, y)
    assert all(tensor.isfinite().all() for tensor in found)
    assert (found[0] >= 0).all()
    assert (found[0][::2].diagonal(dim1=-2, dim2=-1) < 1e-6 * (1 + sizes[::2, None])).all()


@given(st.integers(0, 10_000), st.sampled_from(["diagonal", "low_rank", "full"]))
def test_m_is_positive_semi_definite_whatever_is_learnt(seed, name):
    metric = build_metric(name, WIDTH)
    generator = torch.Generator().manual_seed(seed)
    for parameter in metric.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    eigenvalues = torch.linalg.eigvalsh(matrix_of(metric).double())
    assert eigenvalues.min() > -1e-4 * eigenvalues.max()


def test_the_gradient_where_points_coincide_is_zero_and_elsewhere_the_direction():
    x = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    at_itself = torch.autograd.grad(euclidean_distances(x, x.detach()).sum(), x)[0]
    away = torch.autograd.grad(euclidean_distances(x, x.detach() - torch.tensor([[3.0, 4.0]])).sum(), x)[0]
    assert (at_itself == 0).all()
    torch.testing.assert_close(away, torch.tensor([[0.6, 0.8]], dtype=torch.float64))


@pytest.mark.parametrize("name", ["diagonal", "low_rank", "full"])
def test_a_metric_learns_which_direction_matters(name):
    """Pairs agree in one direction and are noise in the others; the metric has to find it."""
    torch.manual_seed(0)
    metric = build_metric(name, WIDTH)
    x = torch.randn(64, WIDTH)
    y = torch.randn(64, WIDTH)
    y[:, 3] = x[:, 3]
    optimizer = torch.optim.Adam(metric.parameters(), lr=0.05)
    for _ in range(60):
        loss = functional.cross_entropy(-4 * metric(x, y), torch.arange(64))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    diagonal = matrix_of(metric).diagonal()
    assert diagonal.argmax() == 3
    assert diagonal[3] > 2 * diagonal.mean()


@pytest.mark.parametrize("name", ["low_rank", "full"])
def test_a_metric_learns_a_direction_between_the_axes(name):
    """Which a diagonal cannot, and a low rank only if it does not start at the saddle U = 0."""
    torch.manual_seed(0)
    metric = build_metric(name, WIDTH)
    direction = functional.normalize(torch.randn(WIDTH), dim=0)
    x, y = torch.randn(2, 64, WIDTH)
    y = y + torch.outer((x - y) @ direction, direction)
    optimizer = torch.optim.Adam(metric.parameters(), lr=0.05)
    for _ in range(100):
        loss = functional.cross_entropy(-4 * metric(x, y), torch.arange(64))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    strongest = torch.linalg.eigh(matrix_of(metric)).eigenvectors[:, -1]
    assert (strongest @ direction).abs() > 0.9


def test_the_distance_never_forms_all_differences():
    """One thousand times one thousand differences of width 512 would take 2 GB in float32."""
    x = torch.randn(1000, 512)
    sizes = []

    class Watch(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            sizes.extend([result.numel()] if isinstance(result, torch.Tensor) else [])
            return result

    with Watch():
        build_metric("full", 512)(x, x)
    assert 1000 * 1000 <= max(sizes) <= 1000 * 1000 + 1


def test_distances_are_float32_under_autocast():
    x, y = points(4, 4)
    metric = build_metric("full", WIDTH)
    with torch.autocast("cpu", torch.bfloat16):
        inside = metric(x, y)
    torch.testing.assert_close(inside, metric(x, y), rtol=0, atol=0)
    assert metric(x.bfloat16(), y.bfloat16()).dtype == torch.float32


def test_an_unknown_metric_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="'cosine'; choose from diagonal, full, identity, low_rank"):
        build_metric("cosine", 8)
