"""What do a column's cells and its name say about its meaning?"""
