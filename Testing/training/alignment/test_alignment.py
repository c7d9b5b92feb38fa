"""The alignment of a step: terms, weights, noise and older pairs together, and exact restoring."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from med3dtrain.alignment.alignment import Alignment
from med3dtrain.alignment.noise_share import NoiseShareSettings
from med3dtrain.alignment.settings import AlignmentSettings, ModeName

WIDTHS = {"image": 8, "text": 8}
QUICK_NOISE = NoiseShareSettings(window=128, warm_up=32, refit_every=16)


def a_step(step=0, pairs=16, wrong=0, closeness=3.0):
    """Read-outs, teacher embeddings and ids of a batch; the first `wrong` captions are exchanged."""
    generator = torch.Generator().manual_seed(step)
    common = closeness * torch.randn(pairs, 8, generator=generator)
    read_out = common + torch.randn(pairs, 8, generator=generator)
    image, text = common + torch.randn(2, pairs, 8, generator=generator)
    text = torch.cat([text[:wrong].roll(1, 0), text[wrong:]])
    ids = torch.arange(pairs) + pairs * step
    return {"image": read_out, "text": read_out}, {"image": image, "text": text}, ids


def test_terms_are_added_with_their_weights():
    both = Alignment(AlignmentSettings(mode="ot", image_weight=2.0, text_weight=0.5), WIDTHS)(*a_step())
    assert both.total.item() == pytest.approx(2.0 * both.terms["image"] + 0.5 * both.terms["text"], rel=1e-6)
    image = Alignment(AlignmentSettings(mode="ot", text_weight=0.0), WIDTHS)(*a_step())
    assert image.terms == {"image": pytest.approx(both.terms["image"], rel=1e-5)}


def test_a_term_that_is_left_out_needs_no_embeddings():
    read_outs, teacher, ids = a_step()
    alignment = Alignment(AlignmentSettings(image_weight=0.0), {"text": 8})
    assert alignment({"text": read_outs["text"]}, {"text": teacher["text"]}, ids).total.isfinite()


def test_without_any_term_there_is_nothing_to_align():
    with pytest.raises(ValueError, match="both 0"):
        Alignment(AlignmentSettings(image_weight=0.0, text_weight=0.0), WIDTHS)


def test_the_length_of_embeddings_does_not_matter():
    read_outs, teacher, ids = a_step()
    losses = [
        Alignment(AlignmentSettings(mode="ot"), WIDTHS)(
            {name: factor * x for name, x in read_outs.items()}, {name: x / factor for name, x in teacher.items()}, ids
        ).total
        for factor in (1.0, 50.0)
    ]
    torch.testing.assert_close(losses[0], losses[1], rtol=1e-4, atol=0)


def test_robust_learns_the_share_of_wrong_captions_and_sets_the_mass_of_that_term():
    alignment = Alignment(AlignmentSettings(metric="identity", noise=QUICK_NOISE), WIDTHS)
    assert alignment(*a_step(wrong=6)).mass == {"image": pytest.approx(0.95), "text": pytest.approx(0.95)}
    for step in range(1, 16):
        loss = alignment(*a_step(step, wrong=6))
    assert loss.mass["image"] > 0.9
    assert loss.mass["text"] == pytest.approx(1 - 6 / 16, abs=0.1)
    assert alignment.wrong_shares()["text"] == pytest.approx(6 / 16, abs=0.1)


def test_the_mass_is_fixed_where_it_is_not_estimated():
    for settings in (AlignmentSettings(mass=0.8, estimate_mass=False), AlignmentSettings(mode="paper", mass=0.8)):
        alignment = Alignment(settings, WIDTHS)
        for step in range(4):
            loss = alignment(*a_step(step, wrong=6))
        assert loss.mass == {"image": pytest.approx(0.8), "text": pytest.approx(0.8)}
        assert alignment.wrong_shares() == {}


def test_nothing_is_learnt_in_evaluation_mode():
    alignment = Alignment(AlignmentSettings(queue=32, noise=QUICK_NOISE), WIDTHS).eval()
    before = {name: tensor.clone() for name, tensor in alignment.state_dict().items()}
    alignment(*a_step(wrong=6))
    assert all(torch.equal(tensor, before[name]) for name, tensor in alignment.state_dict().items())


def test_the_teacher_gets_no_gradient():
    read_outs, teacher, ids = a_step()
    teacher = {name: x.requires_grad_() for name, x in teacher.items()}
    read_outs = {name: x.requires_grad_() for name, x in read_outs.items()}
    Alignment(AlignmentSettings(), WIDTHS)(read_outs, teacher, ids).total.backward()
    assert all(x.grad is None for x in teacher.values())
    assert read_outs["text"].grad.abs().sum() > 0


def test_a_batch_of_one_has_a_gradient_only_beside_older_pairs():
    """A plan of one pair is 1 whatever the pair is."""
    gradients = []
    for queue in (0, 16):
        alignment = Alignment(AlignmentSettings(mode="ot", pull=0.0, queue=queue), WIDTHS)
        alignment(*a_step(0, closeness=0.3))
        read_outs, teacher, ids = a_step(1, pairs=1, closeness=0.3)
        leaf = read_outs["text"].clone().requires_grad_()
        alignment({"image": leaf, "text": leaf}, teacher, ids + 100).total.backward()
        gradients.append(float(leaf.grad.norm()))
    assert gradients[0] < 1e-6
    assert gradients[1] > 1e-3


def test_a_sample_seen_again_is_not_compared_with_its_older_copy():
    alignment = Alignment(AlignmentSettings(mode="infonce", queue=16), WIDTHS)
    first = alignment(*a_step())
    again = alignment(*a_step())
    assert again.total.item() == pytest.approx(first.total.item(), rel=1e-6)


@pytest.mark.parametrize("mode", get_args(ModeName))
def test_a_sample_that_is_there_twice_counts_once(mode):
    """With all of its slices twice, a batch has the loss and the gradient of a batch that has them once."""
    read_outs, teacher, ids = a_step()
    losses, gradients = [], []
    for repeats in (1, 2):
        leaf = read_outs["text"].clone().requires_grad_()
        twice = {name: x.repeat(repeats, 1) for name, x in teacher.items()}
        seen = {name: leaf.repeat(repeats, 1) for name in WIDTHS}
        alignment = Alignment(AlignmentSettings(mode=mode, queue=64, metric="identity", noise=QUICK_NOISE), WIDTHS)
        losses += [alignment(seen, twice, ids.repeat(repeats)).total]
        losses[-1].backward()
        gradients.append(leaf.grad)
        assert alignment.queue.ids[:16].tolist() == ids.tolist()
        assert int((alignment.queue.ids >= 0).sum()) == len(ids)
    assert torch.equal(losses[0], losses[1])
    assert torch.equal(gradients[0], gradients[1])


def test_autocast_changes_nothing():
    alignment = Alignment(AlignmentSettings(queue=16, noise=QUICK_NOISE), WIDTHS)
    plain = alignment(*a_step())
    with torch.autocast("cpu", torch.bfloat16):
        inside = Alignment(AlignmentSettings(queue=16, noise=QUICK_NOISE), WIDTHS)(*a_step())
    torch.testing.assert_close(inside.total, plain.total, rtol=0, atol=0)


def test_a_restored_alignment_goes_on_to_the_bit():
    settings = AlignmentSettings(queue=24, noise=QUICK_NOISE)

    def steps(alignment, numbers):
        return [alignment(*a_step(step, wrong=5)).total.item() for step in numbers]

    whole, first, second = (Alignment(settings, WIDTHS) for _ in range(3))
    expected = steps(whole, range(12))
    assert steps(first, range(7)) == expected[:7]
    second.load_state_dict({name: tensor.clone() for name, tensor in first.state_dict().items()})
    assert steps(second, range(7, 12)) == expected[7:]
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name
