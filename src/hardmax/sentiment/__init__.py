"""Reading reviews, training the classifier of the paper, and seeing why it decides."""
