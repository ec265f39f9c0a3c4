"""Tests of usage records, their files, and what the network says is left."""
