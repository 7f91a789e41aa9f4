"""What can go wrong between a picture's planes and a mesh."""


class TSRError(Exception):
    """Root of the errors that this package raises; the message quotes the value and the limit."""


class ConfigError(TSRError):
    """A config.yaml that does not describe a network we know."""


class CheckpointError(TSRError):
    """A weights file that is missing, unreadable, or does not fit its config."""


class MeshingError(TSRError):
    """No mesh can be made with these settings from this scene code."""


class ResolutionError(MeshingError):
    """A grid resolution outside the allowed range."""


class ThresholdError(MeshingError):
    """A density threshold that is not a positive number, or that nothing or everything passes."""


class SceneCodeError(MeshingError):
    """Planes of the wrong shape, or holding NaN or infinity."""


class PointsError(MeshingError):
    """Points of the wrong shape, or with NaN or infinite coordinates."""


class CleaningError(TSRError):
    """A setting of cleaning or decimation outside its range."""


class TextureError(TSRError):
    """A texture that cannot be made: its size, or the mesh that it is for."""


class PhotoError(TextureError):
    """A photo that does not lie on its mesh: their outlines differ."""


class RoomError(TextureError, MemoryError):
    """A texture for which there is not enough memory."""


class PrintError(TSRError):
    """A height or density to print with that is out of range."""
