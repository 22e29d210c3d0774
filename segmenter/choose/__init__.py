"""Whether there are segments, how many, and by which method."""
