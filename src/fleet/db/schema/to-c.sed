# A text as the C literal of it, line by line.
s/[\\"]/\\&/g
s/^/"/
s/$/\\n"/
