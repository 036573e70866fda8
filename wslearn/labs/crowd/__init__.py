"""Members of a chat room, hundreds to a process: `crowd` is the process, `crowds` what is seen of it."""
