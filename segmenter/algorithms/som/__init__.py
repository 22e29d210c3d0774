"""Where does each customer stand on a map on which like stands beside like?"""
