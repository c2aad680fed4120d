"""What is known about minibatches: laws, and what they are made of."""
