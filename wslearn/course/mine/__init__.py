"""A student's own functions, put together into a connection that a server can run: see `my_connection`."""
