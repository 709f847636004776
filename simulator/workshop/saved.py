"""A whole session as one file that opens anywhere, without a network."""

from simulator.workshop.rooms import Room


def saved(room: Room) -> str:
    """HTML with everything that the room did."""
    return ""
