"""Engines: the same steps where the customers live, in DuckDB, on Spark, or in another database that ibis knows."""
