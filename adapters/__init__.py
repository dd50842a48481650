"""Everything that touches the outside: the command line, the channels, and where objects are built."""
