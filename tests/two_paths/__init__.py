"""One day of executions measured twice: down the whole road, and by polars over the files with none of our code."""
