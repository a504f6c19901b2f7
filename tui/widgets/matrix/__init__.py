"""The grid of a matrix: its table as text, the list that shows it, and what a cell's checks said."""
