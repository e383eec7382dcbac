"""Becomes the command it is given, once its life is tied to volexd's. Run as a script, never imported by the daemon.

    python -I -S launcher.py PARENT REPORT PROGRAM [ARGUMENT…]

PARENT is volexd's process id, REPORT the descriptor on which it hears why there is no command: "prctl 1", "exec 2" (what failed, and the
errno), and nothing at all when the command runs. Between fork and exec no Python may run in a process with threads, hence a
program of its own; it starts for every check by a command, hence no `signal` and no `site` (they double its 20 ms).
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
SIGKILL = 9
LAST_SIGNAL = 64
SIG_SETMASK = 2
SIGSET_BYTES = 128


def main(arguments: list[str]) -> None:
    parent, report, argv = int(arguments[0]), int(arguments[1]), arguments[2:]
    os.set_inheritable(report, False)
    libc = ctypes.CDLL(None, use_errno=True)
    _inherit_no_signals(libc)
    if libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0:
        _give_up(report, "prctl", ctypes.get_errno())
    if os.getppid() != parent:  # it died before the line above: nobody is left to end us
        os._exit(127)
    try:
        os.execv(argv[0], argv)
    except OSError as error:
        _give_up(report, "exec", error.errno or 0)


def _inherit_no_signals(libc: ctypes.CDLL) -> None:
    """Defaults for all, nothing blocked: neither what this interpreter ignores (PIPE) nor what volexd's threads block."""
    libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
    for number in range(1, LAST_SIGNAL + 1):  # KILL, STOP and the C library's own refuse, and need it not
        libc.signal(number, None)
    libc.sigprocmask(SIG_SETMASK, ctypes.create_string_buffer(SIGSET_BYTES), None)


def _give_up(report: int, what: str, number: int) -> None:
    os.write(report, f"{what} {number}".encode())
    os._exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
