"""What a supervisor sees of a finding: the market around it and the life of its order, as a picture and as lines."""
