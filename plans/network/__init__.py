"""The operator's network: the contract (port), and who fulfils it."""

from plans.network.port import Network
from plans.network.simulator import Simulator


def get_network() -> Network:
    """Return the adapter that the setting NETWORK names; this release has the simulator only."""
    return Simulator()
