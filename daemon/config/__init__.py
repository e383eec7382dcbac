"""The configuration of the daemon."""

from daemon.config.file import ConfigRefused, read_config
from daemon.config.keys import (
    CommandsConfig,
    Config,
    DatabaseConfig,
    LogsConfig,
    PollingConfig,
    SocketConfig,
)
from daemon.config.load import for_directory, load

__all__ = [
    "CommandsConfig",
    "Config",
    "ConfigRefused",
    "DatabaseConfig",
    "LogsConfig",
    "PollingConfig",
    "SocketConfig",
    "for_directory",
    "load",
    "read_config",
]
