"""A loopback server that speaks every provider's dialect and enforces real limits."""

from tui.simulator.app import create_app
from tui.simulator.server import SimulatorServer
from tui.simulator.settings import AT_ONCE, Pace, SimulatorSettings

__all__ = ["AT_ONCE", "Pace", "SimulatorServer", "SimulatorSettings", "create_app"]
