"""What to do about it: recovery contracts, their budgets and locks, notices."""
