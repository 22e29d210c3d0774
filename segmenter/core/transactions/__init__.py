"""How do lines of purchases become a table of customers?"""
