"""Painted sections as graded quadratic meshes, their faces, and places in them."""
