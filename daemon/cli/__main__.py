"""`python -m daemon.cli`, where no `volexd` is installed."""

import sys

from daemon.cli import main

sys.exit(main())
