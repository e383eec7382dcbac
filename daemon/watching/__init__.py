"""What is looked at again and again, and what becomes of what is seen. `polling.py` says when."""
