#!/usr/bin/env bash
# Makes .venv what pyproject.toml and constraints.txt say, with the optional dependencies EXTRA (dev, bench, fuzz).
# Costs a moment and touches nothing when .venv is that already. Called by the Makefile, from the project's folder.
#
#   PYTHON=python3 tools/environment.sh EXTRA
set -euo pipefail

export LC_ALL=C.UTF-8
extra=$1
python=${PYTHON:-python3}

die() { printf 'volexd: %s\n' "$*" >&2; exit 1; }
say() { printf 'volexd: %s\n' "$*" >&2; }

command -v "$python" >/dev/null || die "no '$python' found; name a Python 3.11, 3.12 or 3.13 with: make PYTHON=…"

# The real interpreter, also when $python is a shim or belongs to an activated .venv (which may be removed below).
base=$("$python" -c 'import os, sys; print(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))')

# A venv holds absolute paths, so it serves one folder and one interpreter. What is installed follows from the
# contents (not the dates) of the files below: changing branches back and forth rebuilds nothing.
place="$PWD, $("$base" -c 'import sys; print(sys.executable, sys.version.replace("\n", " "))')"
contents=$(cat pyproject.toml constraints.txt tools/environment.sh | cksum)
place_stamp=.venv/stamp-place
extra_stamp=.venv/stamp-$extra

same() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }
current() { same "$place_stamp" "$place" && same "$extra_stamp" "$contents"; }

current && exit 0

# One at a time: two makes in one folder would install over each other. The one that waited finds the work done.
if command -v flock >/dev/null; then
    exec 9<tools/environment.sh
    flock 9
    current && exit 0
fi

"$base" - <<'PYTHON' || die "nothing was changed"
import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit("volexd: needs Python 3.11, 3.12 or 3.13, and %s is %s; name another with: make PYTHON=..."
             % (sys.executable, sys.version.split()[0]))

import os, shlex, shutil, sysconfig

missing = []
try:
    import ensurepip, venv
except ImportError:
    missing.append("the venv module (on Debian: apt install python%d.%d-venv)" % sys.version_info[:2])
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    missing.append("Python's headers (on Debian: apt install python%d.%d-dev)" % sys.version_info[:2])
compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
if shutil.which(compiler) is None:
    missing.append("the C compiler %s, which builds durable-rules (on Debian: apt install gcc libc6-dev)" % compiler)
if missing:
    sys.exit("volexd: cannot build the environment, missing for %s: %s" % (sys.executable, "; ".join(missing)))
PYTHON

py=.venv/bin/python
pip() { "$py" -m pip --disable-pip-version-check --quiet install --constraint constraints.txt "$@"; }

if ! same "$place_stamp" "$place"; then
    say "making .venv"
    rm -rf .venv
    "$base" -m venv .venv
    printf '%s' "$place" >"$place_stamp"
fi

say "installing the build tools"
pip setuptools wheel

# Its setup.py overwrites CFLAGS (no optimisation) and calls a function that Python 3.13 removed; CPPFLAGS mends both
# without touching its source. Without pip's cache, where a wheel built with other flags may lie.
say "building durable-rules"
CPPFLAGS="${CPPFLAGS:-} -O2 -DPyEval_CallObject=PyObject_CallObject" \
    pip --no-cache-dir --no-build-isolation "durable-rules"

say "installing the dependencies ($extra)"
"$py" - "$extra" >.venv/requirements.txt <<'PYTHON'
import sys, tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
print(*project["dependencies"], *project["optional-dependencies"][sys.argv[1]], sep="\n")
PYTHON
pip --requirement .venv/requirements.txt

# Without isolation: the build tools are here already, and a second set-up needs no network.
say "installing volexd itself"
pip --no-deps --no-build-isolation --editable .
# Its path file as a relative path: Pythons before 3.13 read it in the locale's encoding, and under LC_ALL=C a folder
# with an "ü" in its name would keep Python from starting at all. The set-up writes it, so it has a locale of its own.
echo ../../../.. | tee .venv/lib/python*/site-packages/__editable__.volexd-*.pth >/dev/null

# As pip does it with what it installs; an editable installation would else compile itself at every start wherever Python
# may not write what it compiled (a service under another user, PYTHONDONTWRITEBYTECODE).
"$py" -m compileall -q dsl engine daemon

"$py" -c 'import durable_rules_engine' || die "durable-rules was built but cannot be imported"
printf '%s' "$contents" >"$extra_stamp"
say "the environment ($extra) is ready: .venv/bin/volexd"
