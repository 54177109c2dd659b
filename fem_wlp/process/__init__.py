"""How a package is made: parts are born free of stress on what is there then, and bow it from then on."""
