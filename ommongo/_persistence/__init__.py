"""When and once: the queue of writes, the objects a session holds, the indexes it ensures."""
