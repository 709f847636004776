"""The workshop: rooms in which people guess, move levers and look at what came of it. A page on this machine."""
