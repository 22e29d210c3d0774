"""Segmenter: customer segments that can be trusted, understood and used."""
