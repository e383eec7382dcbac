"""The words of the language as data: which clauses stand where, with which values. The grammar knows none of them."""
