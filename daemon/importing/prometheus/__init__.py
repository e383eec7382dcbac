"""Prometheus' alerting rules turned into `.rules` files."""
