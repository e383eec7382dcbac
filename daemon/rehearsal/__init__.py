"""`volexd test`: the scenarios of `test` blocks, played with the real engine on a virtual clock in a world that is not there."""
