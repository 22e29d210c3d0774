"""Small neural networks in plain NumPy: what the autoencoder and the deep classifier are made of."""
