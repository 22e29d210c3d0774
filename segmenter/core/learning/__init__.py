"""How are known segments learnt, checked honestly, and told of new customers?"""
