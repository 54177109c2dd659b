"""How a package is made: the stages of its process, and what each leaves behind."""
