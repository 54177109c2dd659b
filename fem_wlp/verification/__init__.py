"""The verification dossier: laws that the program must obey, each with a broken control that it must notice."""
