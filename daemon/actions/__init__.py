"""The words that do something, one file each: a new action is a new file here.

A file holds `WORD`, an `ActionWord`, and `async def run(call: ActionCall, world: World) -> Outcome`. It imports nothing heavy at its top:
the words are read whenever rules are checked. Whoever runs it bounds its time by cancelling it; it cleans up after itself then.
"""
