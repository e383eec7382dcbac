"""Values that follow from more than one fact as it is now: windows, aggregates, groups, joins, derived facts."""
