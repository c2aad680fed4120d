"""How work that runs beside the dashboard is ended."""

__all__ = ["StoppedError"]


class StoppedError(Exception):
    """Raised out of training when someone has clicked Stop, or nobody looks any more."""
