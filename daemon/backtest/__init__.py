"""`volexd backtest`: recorded facts played through the engine of the daemon, to see what rules would have detected and done."""
