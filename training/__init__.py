"""How the starter set is made: procedural toys, their pictures, the training and its evaluation."""
