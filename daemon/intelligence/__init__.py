"""The eleven calls: dictionaries in, dictionaries out, compiled to the same program as files of rules."""

from daemon.intelligence.invalid import InvalidCall
from daemon.intelligence.system import SystemIntelligence

__all__ = ["InvalidCall", "SystemIntelligence"]
