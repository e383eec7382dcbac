"""Draws docs/demo.svg: the screen of a real run of the demonstration, at the moment when the database is down and its dependants wait."""

from __future__ import annotations

import asyncio
import re
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console

from daemon.demo.performance import play_on
from daemon.demo.screen import Screen
from daemon.demo.story import Story
from daemon.demo.swarm import write_swarm

PICTURE = Path(__file__).parent.parent / "docs" / "demo.svg"


class Photographer(Screen):
    """A screen that nobody sees; each time something waits for what it needs, the picture is taken anew."""

    def say(self, style: str, line: str) -> None:
        super().say(style, line)
        if "is left alone" in line:
            camera = Console(record=True, width=116, file=StringIO(), force_terminal=True)
            camera.print(self.draw())
            PICTURE.write_text(_without_fonts(camera.export_svg(title="volexd demo")), encoding="utf-8")


def _without_fonts(svg: str) -> str:
    """A picture fetches nothing from the network: the reader's own monospaced font will do."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", "monospace")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="volexd-picture-") as directory:
        swarm = write_swarm(Path(directory) / "swarm")
        console = Console(file=StringIO(), force_terminal=True, width=116)

        def screen(story: Story) -> Screen:
            return Photographer(console, story)

        asyncio.run(play_on(screen, swarm, f"{directory}/volexd.db"))
    print(f"drawn: {PICTURE}")


if __name__ == "__main__":
    main()
