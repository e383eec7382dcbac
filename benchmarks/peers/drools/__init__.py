"""Drools in a warm JVM, by a Java runner of our own (the files beside this one). Its jar is the one that drools_jpy carries."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

SOURCES = Path(__file__).parent
OLDEST = 17  # release of the JDK


def missing() -> str:
    """Why Drools cannot be run here; empty where it can."""
    if shutil.which("javac") is None or shutil.which("java") is None:
        return "there is no JDK (javac and java on the PATH)"
    if release() < OLDEST:
        return f"the JDK is older than {OLDEST}"
    return "" if jar() else "drools_jpy, which carries Drools' jar, is not installed"


def release() -> int:
    """Of `javac 17.0.15`: 17."""
    said = subprocess.run(["javac", "-version"], capture_output=True, check=True, text=True)
    found = re.search(r"\d+", said.stdout + said.stderr)
    return int(found[0]) if found else 0


def jar() -> Path | None:
    try:
        carried = files("drools_jpy") or []
    except PackageNotFoundError:
        return None
    return next((Path(str(one.locate())) for one in carried if one.suffix == ".jar"), None)
