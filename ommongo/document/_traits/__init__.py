"""What is true of a document class, found out once: its family, its hooks, its settings."""
