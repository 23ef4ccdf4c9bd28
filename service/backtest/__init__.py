"""What another rulebook would have said: the stored facts judged again, beside what the one in force says of them."""
