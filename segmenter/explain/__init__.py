"""Segments in words: names, sentences, markers, what tells them apart, rules and money."""
