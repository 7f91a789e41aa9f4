import pytest
import torch
from torch import nn

from models.packing import PackedConv2d, PackedLinear, PackedPointwise, pack, packs, unpack

pytestmark = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch without oneDNN")


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    layers = [
        nn.Conv2d(4, 8, 3, padding=1, stride=2),
        nn.Sequential(nn.SiLU(), nn.Conv2d(8, 8, 1, bias=False)),
        nn.Flatten(),
        nn.Linear(8 * 4 * 4, 5),
    ]
    return nn.Sequential(*layers).to(torch.bfloat16)


@torch.no_grad()
def test_a_packed_network_gives_what_the_plain_one_gives() -> None:
    network, x = _network(), torch.randn(3, 4, 8, 8).to(torch.bfloat16)
    expected = network(x)
    pack(network)
    torch.testing.assert_close(network(x), expected, rtol=2e-2, atol=2e-2)


def test_every_layer_that_can_be_is_packed() -> None:
    network = _network()
    pack(network)
    kinds = [type(module) for module in network.modules()]
    assert kinds.count(PackedConv2d) == kinds.count(PackedPointwise) == 1
    assert kinds.count(PackedLinear) == 1
    assert nn.Conv2d not in kinds
    assert nn.Linear not in kinds


def test_a_packed_network_takes_as_many_bytes() -> None:
    from models.memory import size_of

    network = _network()
    plain = size_of([network])
    pack(network)
    assert size_of([network]) == plain


def test_only_bfloat16_on_a_processor_is_packed() -> None:
    assert packs(torch.bfloat16, torch.device("cpu"))
    assert not packs(torch.float32, torch.device("cpu"))
    assert not packs(torch.bfloat16, torch.device("cuda"))


def test_unpacking_brings_every_bit_back() -> None:
    network = _network()
    network.append(nn.Conv2d(8, 8, 3, groups=2, dilation=2, bias=False).to(torch.bfloat16))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    described = repr(network)
    pack(network)
    unpack(network)
    after = network.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert repr(network) == described
