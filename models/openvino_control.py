"""A UNet of an OpenVINO folder that also takes what a ControlNet adds, whoever converted it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openvino import Model

DOWN, MID = "down_block_residual_{}", "mid_block_residual"


def is_residual(name: str) -> bool:
    """Whether an input has come in by `add_residuals`."""
    return name == MID or name.startswith(DOWN.format(""))


def add_residuals(model: Model) -> None:
    """Give a UNet, in place, inputs for a ControlNet's residuals: one a skip connection, one for the middle.

    The only concatenations of pictures [N, C, H, W] in this architecture are where the way up takes what the
    way down has left, last first; the first of them also takes what comes out of the middle block.

    Raises:
        ValueError: for a network without skip connections.
    """
    joints = [node for node in model.get_ordered_ops() if _joins_pictures(node)]
    if not joints:
        raise ValueError("a UNet without skip connections takes no ControlNet")
    ports = [(MID, joints[0].input(0))]
    ports += [(DOWN.format(i), joint.input(1)) for i, joint in enumerate(reversed(joints))]
    model.add_parameters([_add(name, port) for name, port in ports])
    model.validate_nodes_and_infer_types()


def _joins_pictures(node: Any) -> bool:
    """Whether a node concatenates two pictures along their channels."""
    if node.get_type_name() != "Concat" or node.get_input_size() != 2:
        return False
    return len(node.input(0).get_partial_shape()) == 4


def _add(name: str, port: Any) -> Any:
    """A new input of this name, added to what goes into a port."""
    from openvino import PartialShape, opset13

    source = port.get_source_output()
    channels = source.get_partial_shape()[1]
    given = opset13.parameter(PartialShape([-1, channels, -1, -1]), source.get_element_type(), name)
    given.output(0).get_tensor().set_names({name})
    port.replace_source_output(opset13.add(source, given).output(0))
    return given
