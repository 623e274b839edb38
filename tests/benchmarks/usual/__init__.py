"""The usual class: one as applications write it, with conditions in nearly every field."""
