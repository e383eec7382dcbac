"""What is looked at again and again, and what becomes of what is seen. `daemon/polling.py` says when."""
